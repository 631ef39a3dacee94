import type { Cost } from './measure.ts';

export function printCosts(costs: Record<string, Cost>): void {
  for (const [name, cost] of Object.entries(costs)) {
    console.log(
      `  ${name.padEnd(24)} ${cost.wall.toFixed(1).padStart(7)} s  cpu ${cost.cpu.toFixed(1).padStart(6)} s  ` +
        `${String(cost.connections).padStart(4)} connections  ${String(cost.execs).padStart(4)} execs  ${cost.megabytes.toFixed(1).padStart(8)} MB`,
    );
  }
}

/** A ratio with what it should be. */
export function ratio(of: number, to: number, wanted: string): { ratio: number; wanted: string } {
  const value = Math.round((of / to) * 100) / 100;
  console.log(`    ${of.toFixed(2)} / ${to.toFixed(2)} = ${value}, wanted ${wanted}`);
  return { ratio: value, wanted };
}
