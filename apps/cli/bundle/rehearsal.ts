import type { Rehearsal } from '#bundle';

/** How the rehearsal went, a line for each project, and a warning for each fault that is the project's own. */
export function rehearsalLines(rehearsal: Rehearsal | null, packs: number): string[] {
  if (!rehearsal) return packs > 0 ? ['not rehearsed'] : [];
  const how =
    rehearsal.network === 'cut'
      ? 'with the network cut'
      : 'with a proxy that nobody listens at, as the network could not be cut';
  return [
    `rehearsed from the packs alone, with go ${rehearsal.go}, ${how}:`,
    ...rehearsal.projects.map((each) => `  ${named(each)}  ${passed(each)}`),
    ...rehearsal.projects.flatMap(warnings),
  ];
}

type Rehearsed = Rehearsal['projects'][number];

function named({ pack, project }: Rehearsed): string {
  return `${pack}/${project}`;
}

/** `linux/amd64: verify, list, build; linux/arm64: typecheck` */
function passed({ steps }: Rehearsed): string {
  const platforms = [...new Set(steps.map(({ platform }) => platform))];
  const parts = platforms.flatMap((platform) => {
    const those = steps.filter((each) => each.platform === platform && each.result === 'passed');
    return those.length > 0 ? [`${platform}: ${those.map(({ step }) => step).join(', ')}`] : [];
  });
  return parts.join('; ') || 'nothing passed';
}

function warnings(rehearsed: Rehearsed): string[] {
  return rehearsed.steps.flatMap(({ step, platform, result, note }) => {
    const what = `warning: ${named(rehearsed)}: ${step} on ${platform}`;
    if (result === 'passed') return [];
    return result === 'fails-online-too'
      ? [`${what} fails with a network too: ${note}`]
      : [`${what} was not tried: ${note}`];
  });
}
