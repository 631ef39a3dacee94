import type { Rollout } from '#api';
import color from 'picocolors';

export function title(text: string): void {
  console.log(`\n${color.bold(text)}`);
}

export function say(text: string): void {
  console.log(`  ${text}`);
}

/** Columns as wide as their longest cell. */
export function table(rows: string[][]): void {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    say(
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

/** One line: how far it is, batch by batch. */
export function bar(rollout: Rollout): string {
  const batches = rollout.batches.map(({ number, state, counts }) => {
    const done = counts.succeeded;
    const failed = counts.failed + counts.unreachable + counts.lost;
    const back = counts.rolledBack > 0 ? `, ${counts.rolledBack} back` : '';
    return `${number}: ${done}/${counts.planned}${failed > 0 ? `, ${failed} failed` : ''}${back} (${state})`;
  });
  return `${rollout.state.padEnd(12)} ${batches.join('   ')}`;
}
