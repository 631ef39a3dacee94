import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createGate } from './gate.ts';

it('lets many in at once, one alone, and nobody past those who came before', async () => {
  const gate = createGate();
  const said: string[] = [];
  const turn = (name: string) => async () => {
    said.push(`+${name}`);
    await sleep(5);
    said.push(`-${name}`);
  };
  await Promise.all([
    gate.use(turn('a')),
    gate.use(turn('b')),
    gate.alone(turn('X')),
    gate.use(turn('c')),
    gate.alone(turn('Y')),
  ]);
  expect(said).toEqual(['+a', '+b', '-a', '-b', '+X', '-X', '+c', '-c', '+Y', '-Y']);
});

it('goes on after one that failed, and tells only who asked', async () => {
  const gate = createGate();
  const fail = async () => Promise.reject(new Error('no'));
  await expect(gate.use(fail)).rejects.toThrow('no');
  await expect(gate.alone(fail)).rejects.toThrow('no');
  expect(await gate.use(async () => 1)).toBe(1);
  expect(await gate.alone(async () => 2)).toBe(2);
});
