import {
  Composer,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
} from 'yaml';
import type { CST, Document, Node } from 'yaml';
import type { Path } from './path.ts';
import { LIMITS, TOO_DEEP, unreadable, type Located } from './text.ts';

/** Reads one YAML 1.2 document (core schema): no duplicate keys, no unknown tags, few aliases. */
export function parseYaml(text: string, name: string): Located {
  const counter = new LineCounter();
  const lineAt = (offset: number | undefined): number | undefined =>
    offset === undefined ? undefined : counter.linePos(offset).line;
  const document = compose(text, name, counter);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw unreadable(name, lineAt(fault.pos[0]), fault.message);
  refuseAliases(document, name, lineAt);
  return {
    value: toValue(document, name),
    lineOf: (path, at) => lineAt(offsetOf(document, path, at)),
  };
}

function compose(text: string, name: string, counter: LineCounter): Document.Parsed {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: true,
    prettyErrors: false,
  });
  const [first, second] = [...composer.compose(tokens(text, name, counter), true, text.length)];
  if (second)
    throw unreadable(name, counter.linePos(second.range[0]).line, 'has more than one document');
  if (!first) throw unreadable(name, 1, 'is empty');
  return first;
}

/** The parser keeps its own stack, so depth is seen before anything recurses over it. */
function* tokens(text: string, name: string, counter: LineCounter): Generator<CST.Token> {
  const parser = new Parser(counter.addNewLine);
  counter.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > LIMITS.depth + 1)
      throw unreadable(name, counter.linePos(parser.offset).line, TOO_DEEP);
  }
  yield* parser.end();
}

function refuseAliases(
  document: Document.Parsed,
  name: string,
  lineAt: (offset: number | undefined) => number | undefined,
): void {
  let count = 0;
  visit(document, {
    Alias(_, alias) {
      count += 1;
      if (count > LIMITS.aliases)
        throw unreadable(name, lineAt(alias.range?.[0]), `has over ${LIMITS.aliases} aliases`);
    },
  });
}

function toValue(document: Document.Parsed, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: LIMITS.aliases });
  } catch (error) {
    throw unreadable(name, undefined, error instanceof Error ? error.message : String(error));
  }
}

/** Where a path stands in the text; where it is missing, the place it should be in. */
function offsetOf(document: Document.Parsed, path: Path, at: 'key' | 'value'): number | undefined {
  let node: unknown = document.contents;
  let offset = start(node);
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node)) return offset;
    const last = index === path.length - 1;
    const child: unknown = isMap(node)
      ? node.items.find((pair) => isPair(pair) && keyOf(pair.key) === String(part))
      : node.items[Number(part)];
    if (child === undefined) return offset;
    const key = isPair(child) ? start(child.key) : undefined;
    node = isPair(child) ? child.value : child;
    offset =
      last && at === 'key'
        ? (key ?? start(node))
        : (scalarStart(node) ?? key ?? start(node) ?? offset);
  }
  return offset;
}

/** A collection is placed at its key: that is where a reader looks. */
function scalarStart(node: unknown): number | undefined {
  return isScalar(node) && node.value !== null ? start(node) : undefined;
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

function start(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
