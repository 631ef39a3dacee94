import { globSync, readFileSync } from 'node:fs';
import { BundleFile } from '#builder';
import { parseDocument } from '#document';
import { parseInventory } from '#inventory';
import { Playbook } from '#operations';
import { RolloutPlan } from '#rollout';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { WorkerYaml } from '../../apps/worker/worker-file.ts';

const KINDS = { Bundle: BundleFile, Playbook, RolloutPlan };

/** Every YAML that readers may copy: files, and the blocks of the pages. */
const documents = [
  ...globSync('{playbooks,examples}/*.yaml').map(
    (file) => [file, readFileSync(file, 'utf8')] as const,
  ),
  ...globSync('{*.md,docs/**/*.md}').flatMap((page) => {
    const blocks = readFileSync(page, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm);
    return [...blocks].map(
      ([, text], index) => [`${page}, block ${index + 1}`, text ?? ''] as const,
    );
  }),
];

describe.each(documents)('%s', (name, text) => {
  it('is what the product reads', () => {
    const { kind } = parse(text) as { kind?: keyof typeof KINDS };
    if (kind) expect(parseDocument<unknown>(text, KINDS[kind], { name })).toBeTruthy();
    else if (/^all:/m.test(text))
      expect(parseInventory(text, { name }).hosts.size).toBeGreaterThan(0);
    else expect(parseDocument(text, WorkerYaml, { name })).toBeTruthy();
  });
});
