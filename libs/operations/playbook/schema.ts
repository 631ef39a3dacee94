import { notYet } from '#document';
import { z } from 'zod';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const Name = z.string().regex(NAME, 'must be letters, digits, dots, dashes and underscores');
const Version = z
  .string()
  .regex(
    /^1\.\d{1,3}(?:\.\d{1,3})?(?:(?:rc|beta)\d{1,2})?$/,
    'must be a version of Go without `go` in front, as "1.21.5"',
  );
/** A value of go.env: one line, as the go command reads it. */
const Setting = z.string().regex(/^[\x21-\x7e]*$/, 'must be one word of printable characters');

/** `go-toolchain`: the Go of the bundle, for each host's own platform. */
export const GoToolchain = z.strictObject({ version: Version });
export type GoToolchain = z.infer<typeof GoToolchain>;

/** `module-pack`: a file:// GOPROXY tree. */
export const ModulePack = z.strictObject({ pack: Name });
export type ModulePack = z.infer<typeof ModulePack>;

/** `go-env`: what is exported at login, and what `$GOROOT/go.env` says. */
export const GoEnv = z.strictObject({
  exportGoroot: z.boolean().default(true),
  /** As in GOSUMDB, or `pack`: the checksum database that the module pack carries. */
  gosumdb: Setting.default('off'),
  /** Unset: with `gosumdb: pack` the modules that its database knows nothing of. */
  gonosumdb: Setting.optional(),
  gotoolchain: Setting.default('local'),
  /** Unset: the module pack of the host, or `off` where there is none. */
  goproxy: Setting.optional(),
  gonoproxy: Setting.default('none'),
  govcs: Setting.default('*:off'),
});
export type GoEnv = z.infer<typeof GoEnv>;

/** Milliseconds written as `30s`; kept as written, read when the playbook is resolved. */
const Duration = z
  .string()
  .regex(/^(?:\d+(?:ms|s|m|h|d))+$/, 'must be a duration as `30s` or `5m`');

/** One check: a command whose output is looked at, or an offline build of a project of the pack. */
export const Check = z
  .strictObject({
    command: z.string().min(1).max(4096).optional(),
    /** Found at word boundaries, or `/regular expression/`. */
    expect: z.string().min(1).max(1024).optional(),
    goBuild: Name.optional(),
    user: z
      .string()
      .regex(/^[a-z_][a-z0-9_.-]*\$?$/i, 'must be the name of a user')
      .optional(),
    timeout: Duration.optional(),
  })
  .superRefine((check, context) => {
    const kinds = [check.command, check.goBuild].filter((kind) => kind !== undefined);
    if (kinds.length !== 1)
      context.addIssue({ code: 'custom', message: 'must have either `command` or `goBuild`' });
    if (check.goBuild !== undefined && check.expect !== undefined)
      context.addIssue({ code: 'custom', path: ['expect'], message: 'belongs to `command` alone' });
    const fault = check.expect === undefined ? undefined : regexFault(check.expect);
    if (fault) context.addIssue({ code: 'custom', path: ['expect'], message: fault });
  });
export type Check = z.infer<typeof Check>;

export const HealthCheck = z.strictObject({ checks: z.array(Check).min(1).max(100) });
export type HealthCheck = z.infer<typeof HealthCheck>;

/** The names of all operations of this release, in the order in which they are carried out. */
export const OPERATION_NAMES = ['go-toolchain', 'module-pack', 'go-env', 'health-check'] as const;
export type OperationName = (typeof OPERATION_NAMES)[number];

/** One entry of `operations`: a mapping with the name of the operation as its only key. */
export const PlaybookOperation = z
  .strictObject({
    'go-toolchain': GoToolchain.optional(),
    'module-pack': ModulePack.optional(),
    'go-env': GoEnv.optional(),
    'health-check': HealthCheck.optional(),
    release: notYet(),
  })
  .superRefine((entry, context) => {
    if (Object.values(entry).filter((value) => value !== undefined).length === 1) return;
    context.addIssue({
      code: 'custom',
      message: `must name exactly one operation of ${OPERATION_NAMES.join(', ')}`,
    });
  });
export type PlaybookOperation = z.infer<typeof PlaybookOperation>;

/** What is to be on the hosts (CONTRACT of playbooks); what it does not name stays as it is. */
export const Playbook = z
  .strictObject({
    kind: z.literal('Playbook'),
    name: Name,
    operations: z.array(PlaybookOperation).min(1).max(100),
  })
  .superRefine((playbook, context) => {
    const names = playbook.operations.map((entry) => OPERATION_NAMES.find((name) => entry[name]));
    names.forEach((name, index) => {
      if (name === undefined || name === 'health-check' || names.indexOf(name) === index) return;
      context.addIssue({
        code: 'custom',
        path: ['operations', index],
        message: `\`${name}\` is named twice; one host has one`,
      });
    });
    const needs = names.findIndex((name) => name === 'module-pack' || name === 'go-env');
    if (needs < 0 || names.includes('go-toolchain')) return;
    context.addIssue({
      code: 'custom',
      path: ['operations', needs],
      message: `\`${names[needs]}\` needs \`go-toolchain\` in the same playbook`,
    });
  });
export type Playbook = z.infer<typeof Playbook>;

/** Why an `expect` in slashes is no regular expression; undefined when it is one, or is plain text. */
function regexFault(expect: string): string | undefined {
  if (!isRegex(expect)) return undefined;
  try {
    return toRegex(expect) ? undefined : 'is no regular expression';
  } catch (error) {
    return `is no regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Whether an `expect` is written as `/…/`. */
function isRegex(expect: string): boolean {
  return expect.length > 2 && expect.startsWith('/') && expect.endsWith('/');
}

/** What an `expect` matches: the regular expression in slashes, or the text with no word character beside it. */
export function toRegex(expect: string): RegExp {
  if (isRegex(expect)) return new RegExp(expect.slice(1, -1), 'mu');
  const literal = expect.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<!\w)${literal}(?!\w)`, 'u');
}
