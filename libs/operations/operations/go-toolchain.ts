import type { Before, Facts } from '../host/facts.ts';
import { GoToolchain } from '../playbook/schema.ts';
import type { Step } from '../steps.ts';
import { goTree, type Wanted } from '../wanted.ts';
import type { Operation } from './operation.ts';
import { uploadOf } from './upload.ts';

/** Go itself: a whole tree, and the fixed links that lead to the active one. */
export const goToolchain: Operation<Wanted> = {
  schema: GoToolchain,
  facts: ['os', 'arch', 'trees', 'parts', 'places', 'active', 'goEnv'],
  steps(wanted, found) {
    if (!wanted.go) return [];
    return [...tree(wanted.go, found), ...links(found)];
  },
  undo(before, found) {
    return Object.entries(before.places)
      .filter(([path]) => path in linksOf(found))
      .flatMap(([path, was]) => giveBack(path, was, found));
  },
};

/** The links of a host, by their places. */
export function linksOf({ mode, root }: Pick<Facts, 'mode' | 'root'>): Record<string, string> {
  const programs = ['go', 'gofmt'];
  return mode === 'root'
    ? {
        '/usr/local/go': `${root}/current/go`,
        ...Object.fromEntries(
          programs.map((name) => [`/usr/local/bin/${name}`, `${root}/current/go/bin/${name}`]),
        ),
      }
    : Object.fromEntries(
        programs.map((name) => [`${root}/bin/${name}`, `../current/go/bin/${name}`]),
      );
}

function tree(go: NonNullable<Wanted['go']>, found: Facts): Step[] {
  if (found.trees.go.includes(go.tree)) return [];
  const from = sameToolchain(go.archive, found);
  if (from) return [{ step: 'linkGo', tree: go.tree, from, goEnv: go.goEnv }];
  return [{ step: 'stageGo', tree: go.tree, upload: uploadOf(go.archive, found), goEnv: go.goEnv }];
}

/** The active tree, if it is the same toolchain with other settings: its name says so. */
function sameToolchain(archive: { version: string; blob: string }, found: Facts) {
  const settings = [undefined, found.goEnv];
  const names = settings.map((goEnv) => goTree(archive.version, archive.blob, goEnv));
  const active = found.active?.go;
  return active !== undefined && names.includes(active) && found.trees.go.includes(active)
    ? active
    : undefined;
}

function links(found: Facts): Step[] {
  return Object.entries(linksOf(found))
    .filter(([path, target]) => found.places[path]?.target !== target)
    .map(([path, target]) => ({ step: 'link', path, target }));
}

function giveBack(path: string, was: Before['places'][string], found: Facts): Step[] {
  const now = found.places[path];
  const same = now?.kind === was.kind && now.target === was.target;
  if (same && was.kind !== 'file') return [];
  if (was.kind === 'folder') return [{ step: 'giveBackFolder', path, kept: was.kept ?? '' }];
  return [{ step: 'giveBack', path, kind: was.kind, kept: was.kept ?? '' }];
}
