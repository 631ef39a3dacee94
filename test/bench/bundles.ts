import { againstGo } from './bundles/against-go.ts';
import { fiveGigabytes } from './bundles/five-gigabytes.ts';

/** What bundles cost: a build beside `go mod download all`, and the time and memory that 5 GB take. */
export async function bundles(work: string): Promise<unknown> {
  return { againstGo: await againstGo(work), fiveGigabytes: await fiveGigabytes(work) };
}
