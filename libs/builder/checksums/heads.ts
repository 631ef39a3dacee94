import { GofleetError } from '#errors';
import { openHead, proveGrowth, type ReadDatabase, type TreeHead, type VerifierKey } from '#gomod';
import type { KeptDatabase } from './kept.ts';

/** The head that packs are rewritten to, and heads of earlier packs, which they prove to be a part of it. */
export interface PackHead {
  head: TreeHead;
  earlier: readonly TreeHead[];
}

/** As many of the heads of earlier packs as a pack proves at most: the newest ones. */
const MOST_EARLIER = 64;

/** The largest of some heads, going on from all others. */
export function packHead(heads: readonly TreeHead[]): PackHead | undefined {
  const head = sorted(heads).at(-1);
  return head && moveTo(head, heads);
}

/** Goes on to another head, so that who knows one of those so far can follow. */
export function moveTo(head: TreeHead, before: readonly TreeHead[]): PackHead {
  const earlier = sorted(before).filter(({ size }) => size < head.size);
  return { head, earlier: earlier.slice(-MOST_EARLIER) };
}

/**
 * Looks whether heads that were seen are all of one history with the newest one known, and answers the newest of all.
 * Throws `checksum_database_forked`.
 */
export async function newestOf(
  seen: readonly TreeHead[],
  known: TreeHead | undefined,
  read: ReadDatabase,
): Promise<TreeHead | undefined> {
  const all = distinct(known ? [...seen, known] : seen);
  const newest = sorted(all).at(-1);
  if (!newest) return undefined;
  const others = all.filter((head) => head !== newest);
  const proofs = others.map(async (head) =>
    (await proveGrowth(head, newest, read)) ? [] : [head],
  );
  const [stranger] = (await Promise.all(proofs)).flat();
  if (stranger) throw forked(stranger, newest);
  return newest;
}

/** The newest head that this builder has ever seen. */
export async function knownHead(
  kept: KeptDatabase,
  key: VerifierKey,
): Promise<TreeHead | undefined> {
  const note = await kept.read('newest');
  return note && openHead(note.toString(), key);
}

function distinct(heads: readonly TreeHead[]): TreeHead[] {
  return [...new Map(heads.map((head) => [nameOf(head), head])).values()];
}

function nameOf({ size, root }: TreeHead): string {
  return `${size} ${root.toString('base64')}`;
}

function sorted(heads: readonly TreeHead[]): TreeHead[] {
  return distinct(heads).sort((a, b) => a.size - b.size);
}

/** Both notes are in the details: signed by the database, they are the evidence. */
export function forked(one: TreeHead, other: TreeHead): GofleetError {
  return new GofleetError(
    'checksum_database_forked',
    `SECURITY: the checksum database has signed two histories: head ${nameOf(one)} is not a part of head ${nameOf(other)}`,
    {
      remedy:
        'Keep both heads as evidence and ask who runs the database, or who could have shown one of them to this machine alone. Nothing was built.',
      details: { heads: [one.note, other.note] },
    },
  );
}
