import { createHash } from 'node:crypto';
import { canonicalJson } from '#rollout';
import { SECTIONS, type ReportPart, type ReportSource } from './report-parts.ts';

/** The report as one JSON document; `sha256` is that of what `report` is in it, byte for byte. */
export async function* reportJson({
  generatedAt,
  about,
  parts,
}: ReportSource): AsyncGenerator<string> {
  const digest = createDigest(about);
  yield `{"generatedAt":${JSON.stringify(generatedAt)},"report":${digest.beginning}`;
  for await (const part of parts) yield digest.add(part);
  yield `${digest.end()},"sha256":${JSON.stringify(digest.hex())}}\n`;
}

/** Writes a report as canonical JSON, piece by piece, and hashes it on the way. */
export interface ReportDigest {
  beginning: string;
  /** What an entry adds; sections that have none before it are written empty. */
  add(part: ReportPart): string;
  end(): string;
  hex(): string;
}

export function createDigest(about: unknown): ReportDigest {
  const hash = createHash('sha256');
  /** Sections that were begun, and whether the present one has an entry. */
  let begun = 0;
  let entries = 0;
  const say = (text: string) => {
    hash.update(text);
    return text;
  };
  const open = (upTo: number) => {
    let text = '';
    for (; begun < upTo; begun++) {
      text += `${begun > 0 ? ']' : ''},"${SECTIONS[begun]}":[`;
      entries = 0;
    }
    return text;
  };
  return {
    beginning: say(`{"about":${canonicalJson(about)}`),
    add({ section, entry }) {
      const opened = open(SECTIONS.indexOf(section) + 1);
      return say(`${opened}${entries++ > 0 ? ',' : ''}${canonicalJson(entry)}`);
    },
    end: () => say(`${open(SECTIONS.length)}],"schema":1}`),
    hex: () => hash.digest('hex'),
  };
}
