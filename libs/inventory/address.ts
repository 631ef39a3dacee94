const NUMBERS = String.raw`\[[0-9]+:[0-9]+(?::[0-9]+)?\]`;
const HEX_NUMBERS = String.raw`\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]`;
const LETTERS_OR_NUMBERS = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`;

const OCTET = String.raw`(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|${NUMBERS})`;
const IPV4 = new RegExp(String.raw`^(?:${OCTET}\.){3}${OCTET}$`, 'i');

const WORD = String.raw`[\p{L}\p{N}_]`;
const LABEL = String.raw`(?:${WORD}|${LETTERS_OR_NUMBERS})(?:[\p{L}\p{N}_-]|${LETTERS_OR_NUMBERS})*(?<![_-])`;
const NAME = new RegExp(String.raw`^${LABEL}(?:\.${LABEL})*$`, 'iu');

const PIECE = String.raw`(?:[0-9a-f]{1,4}|${HEX_NUMBERS})`;
const IPV6 = new RegExp(
  [
    `(?:${PIECE}:){7}${PIECE}`,
    `(?:${PIECE}:){1,6}:`,
    ...[1, 2, 3, 4, 5, 6].map((left) => `(?:${PIECE}:){${left}}(?::${PIECE}){1,${7 - left}}`),
    `:(?::${PIECE}){1,6}`,
    `${PIECE}?::`,
    String.raw`(?:0:){6}(?:${PIECE}\.){3}${PIECE}`,
    String.raw`::(?:ffff:)?(?:${PIECE}\.){3}${PIECE}`,
    String.raw`(?:0:){5}ffff:(?:${PIECE}\.){3}${PIECE}`,
  ]
    .map((form) => `^(?:${form})$`)
    .join('|'),
  'i',
);

const BRACKETED = /^\[(.+)\]:([0-9]+)$/;
const WITH_PORT = /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/;

export interface Address {
  host: string;
  port: number | undefined;
}

/** Takes `web[1:3].example.com:2222` or `[2001:db8::1]:22` apart; undefined when it names no host. */
export function parseAddress(text: string): Address | undefined {
  // the usual name, which needs no closer look
  if (/^[A-Za-z0-9._-]*[A-Za-z0-9]$/.test(text)) return { host: text, port: undefined };
  let host = text;
  let port: number | undefined;
  for (const form of [BRACKETED, WITH_PORT]) {
    const match = form.exec(host);
    if (!match) continue;
    host = match[1] ?? '';
    port = Number(match[2]);
  }
  return [IPV4, IPV6, NAME].some((form) => form.test(host)) ? { host, port } : undefined;
}
