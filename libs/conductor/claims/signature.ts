import { createHash } from 'node:crypto';

/** The host that a message is about; the address as it is shown, with its port. */
export interface Subject {
  name: string;
  address: string;
}

/** What failures that look alike share: the code, and the message without what only one host could have said. */
export function signatureOf(code: string, message: string, host: Subject): string {
  const hash = createHash('sha256')
    .update(`${code}\n${commonMessage(message, host)}`)
    .digest('hex');
  return `${code}-${hash.slice(0, 8)}`;
}

/** The message with names, addresses, paths with digests, times, sizes and numbers of one host taken out. */
export function commonMessage(message: string, host: Subject): string {
  const own = withoutNames(message.slice(0, LONGEST), host);
  const common = TAKEN_OUT.reduce((text, [pattern, mark]) => text.replaceAll(pattern, mark), own);
  return common.replaceAll(/\s+/g, ' ').trim();
}

/** What is beyond tells no more, and takes time to look through. */
const LONGEST = 2000;

/** In this order: what holds numbers goes before numbers. */
const TAKEN_OUT: [RegExp, string][] = [
  // 2026-11-23T10:00:00.123Z, 2026/11/23 10:00:00, 10:00:00
  [
    /\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?\b/g,
    '<time>',
  ],
  [/(?<![\w:])\d\d:\d\d:\d\d(?:\.\d+)?(?![\w:])/g, '<time>'],
  // 10.0.0.7, 10.0.0.7:22
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<address>'],
  // [fe80::1]:22, fe80::5054:ff:fe12:3456%eth0, and addresses of network cards
  [/\[?(?<![\w:])(?:[\da-f]{0,4}:){2,7}[\da-f]{1,4}(?:%\w+)?(?![\w:])\]?(?::\d+)?/gi, '<address>'],
  // h1:base64= of a module, SHA256:base64 of a key
  [/\b(?:h1|SHA256):[\w+/]{20,}=*/g, '<digest>'],
  // digests, whole and cut short, and ids of rollouts
  [/\b(?:sha256:)?(?=[\da-f]*\d)[\da-f]{12,}\b/gi, '<digest>'],
  [/\b[\dA-HJKMNP-TV-Z]{26}\b/g, '<id>'],
  // what a temporary folder is called
  [/(?<=\/tmp\/)[^\s'":,;)]+/g, '<path>'],
  // exit codes tell kinds of failures apart, so they stay: a word instead of a number
  [/\b(exit code|exit status|code|signal) (\d+)\b/gi, '$1 #$2'],
  // 1h2m3.5s, 30 s, 250ms, 2 minutes
  [
    /\b\d+(?:\.\d+)? ?(?:ms|milliseconds?|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)(?:\d[\d.hms]*)?\b/g,
    '<time>',
  ],
  // 10 bytes, 1.5 GB
  [/\b\d+(?:\.\d+)? ?(?:bytes?|B|[kKMGT]i?B?)\b/g, '<size>'],
  // versions and all other numbers, also inside of words
  [/(?<!#[\d.]*)\d+(?:\.\d+)*/g, '<n>'],
];

/** The whole name, its first part where it has several, and the address, with and without its port. */
function withoutNames(message: string, { name, address }: Subject): string {
  const first = name.split('.')[0] ?? name;
  const bare = address.replace(/:\d+$/, '').replaceAll(/^\[|\]$/g, '');
  const words = [name, first, address, bare].filter((word) => word.length > 1);
  const longest = words.toSorted((a, b) => b.length - a.length).map(literal);
  if (longest.length === 0) return message;
  return message.replaceAll(
    new RegExp(`(?<![\\w.-])(?:${longest.join('|')})(?![\\w-])`, 'gi'),
    '<host>',
  );
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}
