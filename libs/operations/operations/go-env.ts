import type { Facts } from '../host/facts.ts';
import { GoEnv } from '../playbook/schema.ts';
import type { Step } from '../steps.ts';
import type { Wanted } from '../wanted.ts';
import type { Operation } from './operation.ts';

export const PROFILE = '/etc/profile.d/gofleet.sh';

/**
 * What a login gets: PATH, and GOROOT where that is wanted. The settings of the go command are in go.env, inside
 * the tree, so that they hold for cron, sudo and services too.
 */
export const goEnv: Operation<Wanted> = {
  schema: GoEnv,
  facts: ['mode', 'root', 'home', 'profile', 'places'],
  steps(wanted, found) {
    if (!wanted.go) return [];
    return found.mode === 'root' ? profile(wanted, found) : blocks(wanted, found);
  },
  undo(before, found) {
    return Object.entries(before.places).flatMap(([path, was]): Step[] => {
      if (path === PROFILE) {
        const same = was.kind === 'absent' && found.places[path]?.kind === 'absent';
        return same ? [] : [{ step: 'giveBack', path, kind: was.kind, kept: was.kept ?? '' }];
      }
      if (!userFiles(found).includes(path)) return [];
      if (found.places[path]?.block === was.block) return [];
      const removeEmpty = was.kind === 'absent';
      return [{ step: 'block', path, text: was.block ?? '', removeEmpty }];
    });
  },
};

/** The two files that get a marked block where there is no root. */
export function userFiles({ mode, home }: Pick<Facts, 'mode' | 'home'>): string[] {
  return mode === 'user' ? [`${home}/.profile`, `${home}/.bashrc`] : [];
}

/** The text that a login shell reads; it may be read twice. */
export function loginText(found: Pick<Facts, 'mode' | 'root'>, exportGoroot: boolean): string {
  const [folder, goroot] =
    found.mode === 'root'
      ? ['/usr/local/go/bin', '/usr/local/go']
      : [`${found.root}/bin`, `${found.root}/current/go`];
  const path = `case ":$PATH:" in *":${folder}:"*) ;; *) PATH="${folder}:$PATH"; export PATH ;; esac`;
  return exportGoroot ? `${path}\nGOROOT="${goroot}"; export GOROOT` : path;
}

function profile(wanted: Wanted, found: Facts): Step[] {
  const mark = '# Written by gofleet: Go for login shells.';
  const there = found.profile?.startsWith(mark);
  if (!wanted.env && there) return [];
  const text = `${mark}\n${loginText(found, wanted.env?.exportGoroot ?? false)}`;
  return found.profile === text ? [] : [{ step: 'file', path: PROFILE, text }];
}

function blocks(wanted: Wanted, found: Facts): Step[] {
  const text = loginText(found, wanted.env?.exportGoroot ?? false);
  return userFiles(found)
    .map((path) => ({ path, block: found.places[path]?.block }))
    .filter(({ block }) => (wanted.env ? block !== text : block === undefined))
    .map(({ path }) => ({ step: 'block', path, text }));
}
