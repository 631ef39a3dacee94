import type { Facts } from '../host/facts.ts';
import { HealthCheck, toRegex } from '../playbook/schema.ts';
import type { ResolvedCheck } from '../playbook/resolved.ts';
import type { StageStep } from '../steps.ts';
import type { Wanted } from '../wanted.ts';
import type { Operation } from './operation.ts';
import { uploadOf } from './upload.ts';

/** What an offline build writes into its caches, as a share of the toolchain: the packages it compiles. */
const CACHE_SHARE = 0.6;

/** Checks change nothing; those that build need the source of their project, once for each generation. */
export const healthCheck: Operation<Wanted> = {
  schema: HealthCheck,
  facts: ['state', 'active', 'parts'],
  steps: (wanted, found) => sourcesFor(wanted, found, missingBuilds(wanted, found)),
  undo: () => [],
};

export type BuildCheck = Extract<ResolvedCheck, { kind: 'goBuild' }>;

export function buildsOf(checks: readonly ResolvedCheck[]): BuildCheck[] {
  return checks.filter((check): check is BuildCheck => check.kind === 'goBuild');
}

/** The source of each project that builds need, once. */
export function sourcesFor(
  wanted: Wanted,
  found: Facts,
  builds: readonly BuildCheck[],
): Extract<StageStep, { step: 'fetchSource' }>[] {
  const projects = new Map(builds.map(({ project }) => [project.blob, project]));
  return [...projects.values()].map((project) => ({
    step: 'fetchSource',
    project: project.name,
    upload: uploadOf(project, found),
    cacheBytes: Math.ceil((wanted.go?.archive.unpackedBytes ?? 0) * CACHE_SHARE),
  }));
}

/** The builds that state.json does not record as passed for the generation that is wanted. */
export function missingBuilds(wanted: Wanted, found: Facts): BuildCheck[] {
  const active = found.active?.generation;
  const generation = wanted.generation?.name ?? active;
  const recorded = recordsActive(found) && generation === active ? found.state?.checks : [];
  return buildsOf(wanted.checks).filter(({ id }) => !recorded?.includes(id));
}

/** Whether state.json speaks of what `current` leads to. */
export function recordsActive(found: Facts): boolean {
  const recorded = found.state?.active;
  if (!found.active) return !recorded;
  return recorded?.go === found.active.go && recorded.modules === found.active.modules;
}

export interface CheckResult {
  check: string;
  ok: boolean;
  output: string;
  /** Why it is not ok. */
  fault: string | undefined;
}

/** What the checks say that the host answered; those that it did not run are left out. */
export function judge(checks: readonly ResolvedCheck[], found: Facts): CheckResult[] {
  return checks.flatMap((check) => {
    const answer = found.checks[check.id];
    if (!answer) return [];
    const fault = faultOf(check, answer.code, answer.output);
    return [{ check: nameOf(check), ok: fault === undefined, output: answer.output, fault }];
  });
}

export function nameOf(check: ResolvedCheck): string {
  return check.kind === 'command' ? check.command : `goBuild ${check.project.name}`;
}

function faultOf(check: ResolvedCheck, code: number, output: string): string | undefined {
  const shown = output.trim().slice(-500) || 'nothing';
  if (code === 124 || code === 137)
    return `\`${nameOf(check)}\` took longer than ${check.timeout / 1000} s: ${shown}`;
  if (code !== 0) return `\`${nameOf(check)}\` ended with code ${code}: ${shown}`;
  if (check.kind !== 'command' || check.expect === undefined) return undefined;
  return toRegex(check.expect).test(output)
    ? undefined
    : `\`${check.command}\` answered ${shown}, not ${check.expect}`;
}
