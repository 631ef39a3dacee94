import { GofleetError } from '#errors';
import { parseYaml } from './parse-yaml.ts';
import { LIMITS, TOO_DEEP, unreadable, type DocumentOptions, type Located } from './text.ts';

/** Text to value, within the limits. JSON gets its lines, only when asked for, from the YAML reader. */
export function readText(text: string, options: DocumentOptions): Located {
  const { name, format, mostBytes = LIMITS.bytes } = options;
  if (Buffer.byteLength(text) > mostBytes)
    throw new GofleetError('too_large', `${name} is larger than ${mostBytes / 1_000_000} MB`, {
      remedy: 'Split it, or move hosts into an inventory folder.',
    });
  if (format !== 'json') return parseYaml(text, name);
  const value = parseJson(text, name);
  let located: Located | undefined;
  return {
    value,
    lineOf: (path, at) => (located ??= lines(text, name, value)).lineOf(path, at),
  };
}

function parseJson(text: string, name: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = /\(line (\d+)/.exec(message)?.[1];
    throw unreadable(name, line ? Number(line) : undefined, withoutSnippet(message));
  }
  if (depthOf(value) > LIMITS.depth) throw unreadable(name, undefined, TOO_DEEP);
  return value;
}

/** The engine quotes the text around the fault, which may be a secret. */
function withoutSnippet(message: string): string {
  return `is not valid JSON: ${message.replace(/(, (\.{3})?"| in JSON)[\s\S]*$/, '')}`;
}

/** Lines are a courtesy: what JSON.parse took and the YAML reader does not take, or would take long for, has none. */
function lines(text: string, name: string, value: unknown): Located {
  if (Buffer.byteLength(text) > LIMITS.bytes) return { value, lineOf: () => undefined };
  try {
    return parseYaml(text, name);
  } catch {
    return { value, lineOf: () => undefined };
  }
}

function depthOf(value: unknown): number {
  let depth = 0;
  for (let level = [value].filter(isContainer); level.length > 0; depth += 1) {
    if (depth > LIMITS.depth) return depth;
    level = level.flatMap((each) => Object.values(each)).filter(isContainer);
  }
  return depth;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
