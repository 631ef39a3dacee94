import type { Facts } from '../host/facts.ts';
import { judge } from '../operations/health-check.ts';
import type { ResolvedOperation } from '../playbook/resolved.ts';
import type { HostSummary } from '../task.ts';

/** The facts that are kept with an outcome. */
export function summarize(found: Facts, operations: readonly ResolvedOperation[]): HostSummary {
  const checks = operations.flatMap((each) =>
    each.operation === 'health-check' ? each.checks : [],
  );
  return {
    platform: `${found.os}/${found.arch ?? found.machine}`,
    kernel: found.kernel,
    system: found.system,
    mode: found.mode,
    user: found.user,
    root: found.root,
    freeBytes: found.freeBytes,
    freeInodes: found.freeInodes,
    go: found.active?.go ?? null,
    modules: found.active?.modules ?? null,
    goVersion: found.goVersion ?? versionOf(found.active?.go),
    rollout: found.state?.rollout ?? null,
    fleet: found.state?.fleet ?? null,
    epoch: found.state?.epoch ?? null,
    links: Object.fromEntries(
      Object.entries(found.places).flatMap(([path, { target }]) =>
        target === undefined ? [] : [[path, target]],
      ),
    ),
    checks: judge(checks, found).map(({ check, ok, output }) => ({
      check,
      ok,
      output: output.slice(0, 2000),
    })),
  };
}

/** The version that a tree is named after. */
function versionOf(tree: string | undefined): string | null {
  return tree === undefined ? null : tree.replace(/-[0-9a-f]{12}$/, '');
}
