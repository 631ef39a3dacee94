import { z } from 'zod';

/** What `go mod download -json` prints for a module. */
const Download = z.object({
  Path: z.string().optional(),
  Version: z.string().optional(),
  Error: z.string().optional(),
  Info: z.string().optional(),
  GoMod: z.string().optional(),
  Zip: z.string().optional(),
  Dir: z.string().optional(),
  Sum: z.string().optional(),
  GoModSum: z.string().optional(),
});
export type Download = z.infer<typeof Download>;

/** Objects one after the other, each beginning and ending on a line of its own. */
export function parseDownloads(stdout: string): Download[] {
  return stdout
    .split(/^(?=\{$)/m)
    .filter((text) => text.trim() !== '')
    .map((text) => Download.parse(JSON.parse(text)));
}
