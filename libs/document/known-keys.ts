import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import type { Path } from './path.ts';

/** What of a zod definition is looked at; only the members of its own kind are there. */
interface Definition {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  in?: z.ZodType;
  options?: z.ZodType[];
  items?: z.ZodType[];
  valueType?: z.ZodType;
  left?: z.ZodType;
  right?: z.ZodType;
  getter?: () => z.ZodType;
}

/** The keys that a schema knows at a path, over all alternatives there. */
export function knownKeys(schema: z.ZodType, path: Path): string[] {
  const schemas = path.reduce<z.ZodType[]>(
    (level, part) => level.flatMap((each) => objects(each)).flatMap((each) => member(each, part)),
    [schema],
  );
  const found = schemas.flatMap((each) => objects(each));
  return [...new Set(found.flatMap((each) => Object.keys(definition(each).shape ?? {})))];
}

/** The nearest of some words, if it is near enough to be a slip of the pen. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const scored = words.map((known) => ({
    known,
    far: distance(word.toLowerCase(), known.toLowerCase()),
  }));
  const [best] = scored.sort((a, b) => a.far - b.far);
  return best && best.far <= Math.max(2, Math.floor(best.known.length / 2))
    ? best.known
    : undefined;
}

function definition(schema: z.ZodType): Definition {
  return schema._zod.def;
}

/** Takes off everything around a schema that does not change its keys. */
function objects(schema: z.ZodType): z.ZodType[] {
  const { type, innerType, in: input, options, left, right, getter } = definition(schema);
  if (type === 'lazy' && getter) return objects(getter());
  const inner = [innerType, input, left, right, ...(options ?? [])];
  const inside = inner.filter((each) => each !== undefined);
  return inside.length === 0 ? [schema] : inside.flatMap((each) => objects(each));
}

function member(schema: z.ZodType, part: PropertyKey): z.ZodType[] {
  const { shape, element, items, valueType } = definition(schema);
  const found = [
    shape && typeof part === 'string' && Object.hasOwn(shape, part) ? shape[part] : undefined,
    typeof part === 'number' ? (items?.[part] ?? element) : undefined,
    valueType,
  ];
  return found.filter((each) => each !== undefined);
}
