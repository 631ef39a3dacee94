import { spawnSync } from 'node:child_process';
import { array, assert, property, string } from 'fast-check';
import { assign, lines, literally, path, secret, sh } from '#operations';
import { expect, it } from 'vitest';

/** What a shell makes of a script. */
function run(shell: string, script: string): string[] {
  const { stdout } = spawnSync(shell, ['-c', script], { encoding: 'buffer' });
  return stdout.toString('utf8').split('\0').slice(0, -1);
}

const word = string({ unit: 'binary' }).filter((text) => !/[\0\ud800-\udfff]/.test(text));

it.each(['/bin/dash', '/bin/bash'])('every word comes through %s as it is', (shell) => {
  assert(
    property(array(word, { minLength: 1, maxLength: 6 }), (words) => {
      expect(run(shell, sh('printf', String.raw`%s\0`, ...words).script)).toEqual(words);
    }),
    { numRuns: 100 },
  );
});

it('a variable takes a word as it is', () => {
  const value = `it's $HOME\n"\`x\`"`;
  const script = lines(assign('V', value), literally(String.raw`printf '%s\0' "$V"`)).script;
  expect(run('/bin/sh', script)).toEqual([value]);
});

it('a name that begins with a dash is no option', () => {
  expect(sh('rm', path('-rf')).script).toBe('rm ./-rf');
});

it('a secret is in the script and not in what is shown', () => {
  const command = lines(sh('login', secret('hunter 2')), assign('P', secret('hunter 2')));
  expect(command.script).toContain('hunter 2');
  expect(command.shown).not.toContain('hunter');
});

it('a NUL cannot be a part of a word', () => {
  expect(() => sh('echo', 'a\0b')).toThrow(TypeError);
});
