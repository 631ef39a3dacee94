import { splitWords, UnbalancedLine } from './shell-words.ts';

/** A host on the way as a person writes it. */
export interface JumpText {
  host: string;
  user: string | undefined;
  port: number | undefined;
}

const HOP =
  /^(?:ssh:\/\/)?(?:(?<user>[^\s@,/:]+)@)?(?<host>\[[\da-fA-F:.]+\]|[^\s@,/:[\]-][^\s@,/:[\]]*)(?::(?<port>\d{1,5}))?\/?$/;

/**
 * `bastion`, `user@host:port`, several joined by commas in the order of the way, `none`: as ssh takes them after -J.
 * Undefined for what is none of these.
 */
export function parseJumps(text: string): JumpText[] | undefined {
  if (/^(?:none)?$/i.test(text.trim())) return [];
  const hops = text.split(',').map((hop) => parseHop(hop.trim()));
  return hops.every((hop) => hop !== undefined) ? hops : undefined;
}

function parseHop(text: string): JumpText | undefined {
  const { user, host, port } = HOP.exec(text)?.groups ?? {};
  if (host === undefined) return undefined;
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && (number < 1 || number > 65_535)) return undefined;
  return { host: host.replace(/^\[(.*)\]$/, '$1'), user, port: number };
}

/**
 * What stands after -J or ProxyJump in options for ssh. Undefined where there is anything else, `''` where there is
 * nothing at all.
 */
export function jumpOption(options: string): string | undefined {
  const words = wordsOf(options);
  if (words?.length === 0) return '';
  const line = words?.join(' ') ?? '';
  return /^(?:-J ?|-o ?ProxyJump *[= ] *)(?<jump>[^\s"']+)$/i.exec(line)?.groups?.['jump'];
}

function wordsOf(options: string): string[] | undefined {
  try {
    return splitWords(options);
  } catch (error) {
    if (error instanceof UnbalancedLine) return undefined;
    throw error;
  }
}
