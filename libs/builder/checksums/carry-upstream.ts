import { formatLookup, lookupPath, openHead, type Lookup, type ModuleVersion } from '#gomod';
import type { CarriedDatabase, PackDatabase } from './types.ts';
import type { Upstream } from './upstream.ts';

/**
 * Puts the database of this environment into packs, as far as their modules need it. Each of its answers has a head of
 * its own moment; in a pack all have one and the same, so that the order in which go asks cannot matter.
 */
export function carryUpstream(upstream: Upstream): PackDatabase {
  const { database, settings, kept } = upstream;
  const { key, except } = settings;

  const carry: PackDatabase['carry'] = async (modules) => {
    const answers = await upstream.records(modules);
    const found = modules.flatMap((module, index) => {
      const record = answers?.[index];
      return record ? [{ module, record }] : [];
    });
    const tiles = await upstream.ask(async () => database.tiles(found.map(({ record }) => record)));
    const packed = database.head();
    if (!answers || !tiles || !packed || found.length === 0) return NOTHING;
    const { head, earlier } = packed;
    const below = `sumdb/${key.name}`;
    const unknown = modules.filter((_, index) => !answers[index]).map(({ path }) => path);
    return {
      files: [
        ...databaseFiles(below, head.note, found),
        ...tiles.map((path) => ({ path: `${below}/${path}`, from: kept.place(path) })),
      ],
      sumdb: {
        name: key.name,
        key: key.text,
        size: head.size,
        head: head.note,
        earlier: earlier.map(({ note }) => note),
        except: [...new Set(unknown)].sort(),
      },
    };
  };

  return {
    carry,
    inputs: () => {
      const packed = database.head();
      return [key.text, except, ...(packed ? [packed.head, ...packed.earlier] : []).map(noteOf)];
    },
    isRepeatable: () => !upstream.wasSilent(),
    adopt: (note) => database.adopt(note),
    commit: async (notes) => {
      for (const note of notes) await kept.carry(openHead(note, key));
    },
  };
}

/** For builds with GOSUMDB=off and no database of their own. */
export const NO_DATABASE: PackDatabase = {
  inputs: () => ['off'],
  carry: async () => NOTHING,
  isRepeatable: () => true,
  adopt: () => {},
  commit: async () => {},
};

const NOTHING: CarriedDatabase = { files: [], sumdb: null };

function noteOf({ note }: { note: string }): string {
  return note;
}

/** All files of a database but its tiles: that it is there (read by go first), its head, and a record for each module. */
export function databaseFiles(
  below: string,
  note: string,
  found: readonly { module: ModuleVersion; record: Lookup }[],
): { path: string; text: string }[] {
  return [
    { path: `${below}/supported`, text: '' },
    { path: `${below}/latest`, text: note },
    ...found.map(({ module, record }) => ({
      path: `${below}/${lookupPath(module)}`,
      text: formatLookup(record, note),
    })),
  ];
}
