import { GoVersion, Name } from '#bundle';
import { supportedOnly } from '#document';
import { isKeyName } from '#gomod';
import { z } from 'zod';

const SOURCES = ['dl', 'proxy', 'goroot'] as const;
/** Where toolchains come from: go.dev, toolchain modules from GOPROXY, the Go installed here, a folder of downloads. */
export type Source = (typeof SOURCES)[number] | `dir:${string}`;

const SourceName = z.custom<Source>(
  (source) =>
    typeof source === 'string' &&
    (/^dir:./.test(source) || (SOURCES as readonly string[]).includes(source)),
  {
    error: ({ input }) =>
      `must be one of ${SOURCES.join(', ')}, dir:PATH; found ${JSON.stringify(input)}`,
  },
);

const Platform = z
  .string()
  .regex(/^linux\/[a-z0-9]{1,16}$/, 'must be linux/ARCH, with a GOARCH such as amd64 or arm64');

const Toolchains = z.strictObject({ version: GoVersion, platforms: z.array(Platform).min(1) });

/** `path@version` or `path@latest`, as go takes it. */
const Query = z
  .string()
  .regex(/^[^@\s]+@[^@\s]+$/, 'must be PATH@VERSION, such as "github.com/gorilla/mux@v1.8.0"')
  .refine((query) => !query.includes('...'), 'must name one module or package, without "..."');

const PackSpec = z
  .strictObject({
    name: Name,
    projects: z.array(z.string().min(1)).default([]),
    also: z.array(Query).default([]),
  })
  .refine(({ projects, also }) => projects.length + also.length > 0, {
    path: ['projects'],
    message: 'there is neither a project nor a module under `also`',
  });
export type PackSpec = z.infer<typeof PackSpec>;

/** A checksum database of our own: `key` and `log` are files. */
const OwnSumdb = z.strictObject({
  name: z.string().refine(isKeyName, 'must be a host such as sum.corp.example, maybe with a path'),
  key: z.string().min(1),
  log: z.string().min(1),
});

/** bundle.yaml: what to put into a bundle, and where toolchains come from, in order. */
export const BundleFile = z
  .strictObject({
    kind: z.literal('Bundle'),
    name: Name,
    toolchains: z.array(Toolchains).default([]),
    packs: z.array(PackSpec).default([]),
    releases: supportedOnly(z.array(z.unknown()), []),
    tools: z.array(Query).default([]),
    sources: z.array(SourceName).min(1).default(['dl', 'proxy']),
    sumdb: OwnSumdb.optional(),
  })
  .superRefine((file, context) => {
    const complain = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (file.toolchains.length + file.packs.length + file.tools.length === 0)
      complain(['toolchains'], 'there is neither a toolchain nor a pack nor a tool');
    twice(file.packs.map(({ name }) => name)).forEach(({ key, at }) =>
      complain(['packs', at, 'name'], `two packs are named ${key}`),
    );
    file.packs.forEach((pack, index) =>
      twice(pack.projects.map(projectName)).forEach(({ key, at }) =>
        complain(
          ['packs', index, 'projects', at],
          `two projects are named ${key}: a project is named by the last part of its folder`,
        ),
      ),
    );
    const places = file.toolchains.flatMap(({ version, platforms }, index) =>
      platforms.map((platform, at) => ({ key: `${version} ${platform}`, index, at })),
    );
    twice(places.map(({ key }) => key)).forEach(({ key, at }) => {
      const place = places[at];
      if (place)
        complain(['toolchains', place.index, 'platforms', place.at], `${key} is there twice`);
    });
  });
export type BundleFile = z.infer<typeof BundleFile>;

/** The last part of a folder. */
export function projectName(folder: string): string {
  return folder.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

function twice(keys: string[]): { key: string; at: number }[] {
  return keys.flatMap((key, at) => (keys.indexOf(key) < at ? [{ key, at }] : []));
}
