import type { FailureGroup } from '#api';
import type { Colors } from '../terminal/terminal.ts';
import { counted } from '../values.ts';

/** Names that a line shows. */
const NAMED = 8;

/** Failures that look alike, each with what its hosts share and what to do. */
export function failureLines(groups: readonly FailureGroup[], colors: Colors): string[] {
  return groups.flatMap((group) => [
    `${colors.red(group.code)}: ${counted(group.count, 'host')}: ${group.message}`,
    `  ${namesOf(group)}  (${group.signature})`,
    ...group.shared.map(({ explanation }) => `  ${colors.yellow('shared')}: ${explanation}`),
    ...(group.remedy === null ? [] : [`  remedy: ${group.remedy}`]),
  ]);
}

function namesOf({ count, hosts }: FailureGroup): string {
  const shown = hosts.slice(0, NAMED);
  const rest = count - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
