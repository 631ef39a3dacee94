import { beforeOf, keptFolder } from './before.ts';
import { assign, lines, literally, path, sh, type Command } from './command.ts';
import type { Facts } from './host/facts.ts';
import type { ProjectSource, ResolvedCheck } from './playbook/resolved.ts';
import { HASHES } from './shell/hashes.ts';
import { ENTER, PROBE, READ } from './shell/index.ts';
import type { StageStep, SwitchStep } from './steps.ts';

/** The first script: all facts and the checks that only read. */
export function probeScript(
  blobs: readonly string[],
  checks: readonly ResolvedCheck[],
  exportGoroot: boolean,
): Command {
  const commands = checks.filter((check) => check.kind === 'command');
  return lines(
    assign('WANTED', blobs.map((blob) => `${blob}.part`).join(' ')),
    literally(PROBE),
    sh('login_profile', exportGoroot ? 1 : 0),
    literally('if [ -L "$ROOT/current" ]; then'),
    literally(':'),
    ...commands.map(checkCommand),
    literally('fi'),
  );
}

/** All facts and nothing else: without the lock, without a claim, and no file is written. */
export function readScript(): Command {
  return literally(READ);
}

/** The hashes of some files of a tree, counted from 1 in the order of their names; nothing is written. */
export function hashesScript(
  { kind, name }: { kind: 'go' | 'modules'; name: string },
  { first, last }: { first: number; last: number },
): Command {
  return lines(literally('where'), literally(HASHES), sh('say_hashes', kind, name, first, last));
}

/** The checks alone, by the claim that the first script made. What passes is not recorded: it was before. */
export function checkScript(checks: readonly ResolvedCheck[], exportGoroot: boolean): Command {
  return lines(
    literally(ENTER),
    sh('login_profile', exportGoroot ? 1 : 0),
    ...checks.map(checkCommand),
    literally('rm -f "$ROOT"/staging/*.part'),
    literally('say_platform'),
  );
}

/** The script of one step that makes a tree or brings a source. */
export function stageScript(step: StageStep, blake2b: string | undefined): Command {
  const settings = assign('GO_ENV', 'goEnv' in step ? (step.goEnv ?? '') : '');
  return lines(settings, assign('BLAKE2B', blake2b ?? ''), literally(ENTER), stageCommand(step));
}

function stageCommand(step: StageStep): Command {
  switch (step.step) {
    case 'stageGo':
      return staged('go', step);
    case 'stageModules':
      return staged('modules', step);
    case 'linkGo':
      return sh('stage_linked', step.tree, step.from);
    case 'fetchSource':
      return sh('receive', step.upload.blob, step.upload.size, step.upload.offset);
    default:
      return step satisfies never;
  }
}

function staged(
  kind: 'go' | 'modules',
  step: Extract<StageStep, { tree: string; upload: unknown }>,
) {
  const { blob, size, offset, entries } = step.upload;
  return sh('stage', kind, step.tree, blob, size, offset, entries);
}

/** The switch: what was there is written first, then everything changes, is recorded, checked, and read again. */
export function switchScript(
  rollout: string,
  steps: readonly SwitchStep[],
  checks: readonly ResolvedCheck[],
  found: Facts,
  exportGoroot: boolean,
): Command {
  const before = beforeOf(rollout, found);
  const changes = steps.some((step) => step.step !== 'record');
  const open = JSON.stringify(before).slice(0, -1);
  return lines(
    literally(ENTER),
    ...stillThere(found),
    ...(changes ? [literally('PROFILE='), ...keepAll(before), sh('remember', `${open},`)] : []),
    ...steps.map((step) => switchCommand(step, rollout)),
    literally('say switched'),
    sh('login_profile', exportGoroot ? 1 : 0),
    ...checks.map(checkCommand),
    literally('record_passed'),
    literally('rm -f "$ROOT"/staging/*.part'),
    literally('read_state; say_platform; say_facts'),
  );
}

/** Brings back what was there, and reads it and the answer of `go version` again. */
export function rollbackScript(rollout: string, steps: readonly SwitchStep[]): Command {
  return lines(
    literally(ENTER),
    ...steps.map((step) => switchCommand(step, rollout)),
    literally('say switched'),
    literally('PROFILE='),
    literally('say goversion "$(answer_of_go)"'),
    literally('read_state; say_platform; say_facts'),
  );
}

function switchCommand(step: SwitchStep, rollout: string): Command {
  switch (step.step) {
    case 'activate':
      return sh('activate', step.generation, step.go, step.modules ?? '');
    case 'deactivate':
      return sh('deactivate');
    case 'link':
      return sh(
        'place_link',
        path(step.path),
        path(step.target),
        path(keptFolder(step.path, rollout)),
      );
    case 'file':
      return sh('place_file', path(step.path), step.text);
    case 'block':
      return sh('place_block', path(step.path), step.text, step.removeEmpty ? 'absent' : '');
    case 'giveBack':
      return sh('give_back', path(step.path), step.kind, step.kept);
    case 'giveBackFolder':
      return sh('give_back_folder', path(step.path), path(step.kept));
    case 'record':
      return sh('write_state', JSON.stringify(step.state).slice(1));
    default:
      return step satisfies never;
  }
}

function stillThere(found: Facts): Command[] {
  return Object.entries(found.places).map(([place, { kind, target }]) =>
    sh('still', path(place), kind, target ?? ''),
  );
}

function keepAll({ places }: ReturnType<typeof beforeOf>): Command[] {
  return Object.entries(places).flatMap(([place, { kind, kept }]) =>
    kept === undefined || kind === 'folder' ? [] : [sh('keep', path(place), kept)],
  );
}

function checkCommand(check: ResolvedCheck): Command {
  const seconds = Math.max(1, Math.ceil(check.timeout / 1000));
  const { id, user = '' } = check;
  if (check.kind === 'command') return sh('check', id, user, seconds, check.command);
  const { blob, name } = check.project;
  return sh('check_build', id, user, seconds, blob, name, packagesOf(check.project).script);
}

/** In the folder of a go.work `./...` means no package at all, unless that folder is a module too. */
function packagesOf({ workspace = ['.'] }: ProjectSource): Command {
  return sh(...workspace.map((folder) => (folder === '.' ? './...' : `./${folder}/...`)));
}
