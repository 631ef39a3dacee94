import {
  EVENT_ID,
  SCALAR_STYLE,
  YAMLException,
  getScalarValue,
  parseEvents,
  type Event,
  type ScalarEvent,
} from 'js-yaml';
import { invalid } from './invalid.ts';
import { isJson, resolveJson } from './json-scalar.ts';
import { lastWins } from './last-wins.ts';
import { sizeOf, toValue, type Entry, type Leaf, type Mapping, type Tree } from './tree.ts';
import type { Warning } from './types.ts';
import { keyText, resolveScalar, resolveTagged } from './yaml-scalar.ts';

const MAX_DEPTH = 50;
const MAX_ALIASES = 1000;
const MAX_NODES = 1_000_000;
const CORE_TAG = 'tag:yaml.org,2002:';
const FIX = 'Correct the YAML at this line.';

export interface YamlText {
  text: string;
  file: string;
  /** The line of the file on which the text begins, from 1. */
  firstLine: number;
  warnings: Warning[];
}

/** The state of one reading: where in the events, on which line, what anchors stand for. */
interface Cursor extends YamlText {
  events: Event[];
  next: number;
  /** The next line feed, Infinity after the last: looked for once, however long the line is. */
  feed: number;
  line: number;
  anchors: Map<string, Tree>;
  aliases: number;
  /** Reads a plain scalar: by YAML 1.1, or by JSON where the text is JSON. */
  resolve: (text: string) => unknown;
}

/** Reads one YAML 1.1 document as PyYAML does; undefined when there is none. Throws `invalid_file`. */
export function readYaml(source: YamlText): Tree | undefined {
  const cursor: Cursor = {
    ...source,
    events: parse(source),
    next: 1,
    feed: feedFrom(source.text, 0),
    line: source.firstLine,
    anchors: new Map(),
    aliases: 0,
    resolve: isJson(source.text) ? resolveJson : resolveScalar,
  };
  if (cursor.events.length === 0) return undefined;
  const tree = readNode(cursor);
  if (cursor.next + 1 < cursor.events.length) throw secondDocument(cursor);
  return tree;
}

function parse(source: YamlText): Event[] {
  try {
    return parseEvents(source.text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark && error.mark.line + source.firstLine;
    throw invalid({ file: source.file, line }, `this is no YAML: ${error.reason}`, FIX);
  }
}

function readNode(cursor: Cursor): Tree {
  const event = cursor.events[cursor.next];
  cursor.next += 1;
  switch (event?.type) {
    case EVENT_ID.SCALAR:
      advance(cursor, event.valueStart);
      return anchored(cursor, event, readScalar(cursor, event));
    case EVENT_ID.SEQUENCE:
      advance(cursor, event.start);
      return anchored(cursor, event, tagged(cursor, event, readList(cursor)));
    case EVENT_ID.MAPPING:
      advance(cursor, event.start);
      return anchored(cursor, event, tagged(cursor, event, readMapping(cursor)));
    case EVENT_ID.ALIAS:
      advance(cursor, event.anchorStart);
      return readAlias(cursor, cursor.text.slice(event.anchorStart, event.anchorEnd));
    case EVENT_ID.DOCUMENT:
    case EVENT_ID.POP:
    case undefined:
      throw wrong(cursor, 'the document ends too early');
    default:
      throw event satisfies never;
  }
}

function readList(cursor: Cursor): Tree {
  const { line } = cursor;
  const elements: Tree[] = [];
  let size = 1;
  while (!atEnd(cursor)) {
    const element = readNode(cursor);
    elements.push(element);
    size = grow(cursor, size, element);
  }
  return { kind: 'list', line, size, elements };
}

function readMapping(cursor: Cursor): Mapping {
  const { line } = cursor;
  const own: Entry[] = [];
  const merged: Entry[] = [];
  let size = 1;
  while (!atEnd(cursor)) {
    const merge = isMergeKey(cursor);
    const entry = readEntry(cursor);
    size = grow(cursor, size + 1, entry.value);
    if (merge) merged.push(...entriesToMerge(cursor, entry.value));
    else own.push(entry);
  }
  return { kind: 'mapping', line, size, entries: lastWins(cursor, merged, own) };
}

function readEntry(cursor: Cursor): Entry {
  const event = cursor.events[cursor.next];
  const key = readNode(cursor);
  const source = event?.type === EVENT_ID.SCALAR ? getScalarValue(cursor.text, event) : '';
  const name = key.kind === 'leaf' ? keyText(key.value, source) : undefined;
  if (name === undefined) throw wrong(cursor, 'a key must be a scalar');
  const isText = key.kind === 'leaf' && typeof key.value === 'string';
  return { key: name, isText, line: key.line, value: readNode(cursor) };
}

/** `<<` without quotes takes over the entries of other mappings; what is written beside it wins. */
function isMergeKey(cursor: Cursor): boolean {
  const event = cursor.events[cursor.next];
  if (event?.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) return false;
  if (event.valueEnd - event.valueStart !== 2) return false;
  return event.tagStart < 0 && cursor.text.startsWith('<<', event.valueStart);
}

function entriesToMerge(cursor: Cursor, value: Tree): Entry[] {
  if (value.kind === 'mapping') return value.entries;
  if (value.kind === 'leaf' || value.elements.some(({ kind }) => kind !== 'mapping')) {
    throw wrong(cursor, '<< takes a mapping or a list of mappings');
  }
  // the first of a list wins, so it comes last
  return value.elements.toReversed().flatMap((each) => entriesToMerge(cursor, each));
}

function readScalar(cursor: Cursor, event: ScalarEvent): Leaf {
  const { line } = cursor;
  const text = getScalarValue(cursor.text, event);
  const tag = tagOf(cursor, event);
  if (tag === undefined || tag === '!') {
    const plain = event.style === SCALAR_STYLE.PLAIN;
    const isText = !plain || (tag === '!' && text === '');
    return { kind: 'leaf', line, value: isText ? text : cursor.resolve(text) };
  }
  if (tag === '!vault' || tag === '!vault-encrypted') {
    return { kind: 'leaf', line, value: { __ansible_vault: text } };
  }
  if (tag === '!unsafe') return { kind: 'leaf', line, value: { __ansible_unsafe: text } };
  const value = tag.startsWith(CORE_TAG)
    ? resolveTagged(tag.slice(CORE_TAG.length), text)
    : undefined;
  if (value === undefined) throw wrong(cursor, `the tag ${tag} does not fit here`);
  return { kind: 'leaf', line, value };
}

/** Lists and mappings know few tags: their own, and `!unsafe`, which goes to every text inside. */
function tagged(cursor: Cursor, event: { tagStart: number; tagEnd: number }, tree: Tree): Tree {
  const tag = tagOf(cursor, event);
  if (tag === '!unsafe') return { kind: 'leaf', line: tree.line, value: unsafe(toValue(tree)) };
  const usual = tree.kind === 'list' ? ['seq'] : ['map', 'python/dict'];
  if (tag !== undefined && tag !== '!' && !usual.some((name) => tag === `${CORE_TAG}${name}`)) {
    throw wrong(cursor, `the tag ${tag} does not fit here`);
  }
  return tree;
}

function unsafe(value: unknown): unknown {
  if (typeof value === 'string') return { __ansible_unsafe: value };
  if (Array.isArray(value)) return value.map(unsafe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unsafe(inner)]));
}

function tagOf(cursor: Cursor, event: { tagStart: number; tagEnd: number }): string | undefined {
  if (event.tagStart < 0) return undefined;
  const tag = cursor.text.slice(event.tagStart, event.tagEnd);
  if (tag.startsWith('!<')) return tag.slice(2, -1);
  return tag.startsWith('!!') ? `${CORE_TAG}${tag.slice(2)}` : tag;
}

function anchored(
  cursor: Cursor,
  event: { anchorStart: number; anchorEnd: number },
  tree: Tree,
): Tree {
  if (event.anchorStart >= 0) {
    cursor.anchors.set(cursor.text.slice(event.anchorStart, event.anchorEnd), tree);
  }
  return tree;
}

function readAlias(cursor: Cursor, name: string): Tree {
  cursor.aliases += 1;
  if (cursor.aliases > MAX_ALIASES) throw wrong(cursor, `more than ${MAX_ALIASES} aliases`);
  const tree = cursor.anchors.get(name);
  if (!tree) throw wrong(cursor, `the alias *${name} has no anchor before it`);
  return { ...tree, line: cursor.line };
}

function grow(cursor: Cursor, size: number, added: Tree): number {
  const grown = size + sizeOf(added);
  if (grown > MAX_NODES) throw wrong(cursor, `more than ${MAX_NODES} values, aliases expanded`);
  return grown;
}

function atEnd(cursor: Cursor): boolean {
  if (cursor.events[cursor.next]?.type !== EVENT_ID.POP) return false;
  cursor.next += 1;
  return true;
}

/** Counts the lines up to an offset; offsets only grow. */
function advance(cursor: Cursor, offset: number): void {
  while (cursor.feed < offset) {
    cursor.line += 1;
    cursor.feed = feedFrom(cursor.text, cursor.feed + 1);
  }
}

function feedFrom(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset);
  return feed < 0 ? Infinity : feed;
}

function secondDocument(cursor: Cursor): Error {
  cursor.next += 2;
  readNode(cursor);
  return wrong(cursor, 'a second YAML document begins here or before');
}

function wrong(cursor: Cursor, message: string): Error {
  return invalid({ file: cursor.file, line: cursor.line }, message, FIX);
}
