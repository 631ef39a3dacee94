import { z } from 'zod';
import type { Wanted } from './source.ts';

/** The index of https://go.dev/dl/?mode=json&include=all; its shape is that of golang.org/x/website/internal/dl. */
const DlIndex = z.array(
  z.object({
    version: z.string(),
    files: z.array(
      z.object({
        filename: z.string(),
        os: z.string(),
        arch: z.string(),
        sha256: z.string(),
        size: z.int(),
        kind: z.string(),
      }),
    ),
  }),
);
export type DlIndex = z.infer<typeof DlIndex>;

/** undefined for what is no such index. */
export function parseDlIndex(json: string): DlIndex | undefined {
  try {
    return DlIndex.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

/** 32-bit ARM is called armv6l in archives and arm everywhere else. */
export function archiveArch({ arch }: Wanted): string {
  return arch === 'arm' ? 'armv6l' : arch;
}

/** The name under which go.dev publishes it. */
export function archiveName(wanted: Wanted): string {
  return `go${wanted.version}.${wanted.os}-${archiveArch(wanted)}.tar.gz`;
}
