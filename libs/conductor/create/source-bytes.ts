import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inventoryPath } from './sources.ts';
import { readPlan, type PlanSource } from './read-plan.ts';

/** Bytes of a plan and of the inventory that it names; of a plan that is wrong those of its text. */
export async function bytesOf(source: PlanSource, enough: number): Promise<number> {
  const text = source.text.length;
  if (text >= enough) return text;
  try {
    const { plan } = await readPlan(source);
    const path = await inventoryPath(source, plan.inventory);
    return text + (path === undefined ? 0 : await sizeOf(path));
  } catch {
    return text; // what is wrong is said when it is read
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(async (file) => (await stat(join(file.parentPath, file.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
