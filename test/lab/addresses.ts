import { createServer } from 'node:net';
import { happens } from './happens.ts';
import type { LabMode } from './types.ts';

/** Where sshd listens when a proxy stands before it. */
export const BACK_PORT = 22022;
const LOCK_PORT = 22023;
const [LOWEST, HIGHEST] = [10, 240];
const PER_BLOCK = 250;

/** The address of host number `at`: 127.N.1.1 to 127.N.1.250, then 127.N.2.1 and so on. */
export function addressOf(subnet: string, at: number): string {
  return `${subnet}.${1 + Math.floor(at / PER_BLOCK)}.${1 + (at % PER_BLOCK)}`;
}

/**
 * Takes 127.N.0.0/16 for as long as this process lives. The lock is a socket that listens in it, so
 * labs of all users and processes keep apart, and a killed one leaves no lock.
 */
export async function chooseSubnet(wanted?: string): Promise<string> {
  const first = LOWEST + (process.pid % (HIGHEST - LOWEST));
  const all = Array.from({ length: HIGHEST - LOWEST }, (_, at) => {
    return `127.${LOWEST + ((first - LOWEST + at) % (HIGHEST - LOWEST))}`;
  });
  for (const subnet of wanted ? [wanted] : all) {
    if (await hold(`${subnet}.0.1`, LOCK_PORT)) return subnet;
  }
  throw new Error(`${wanted ?? 'every subnet from 127.10 to 127.239'} is in use by another lab`);
}

/** 22, unless that takes rights, or an sshd of the machine that listens on all addresses, has it. */
export async function frontPort(mode: LabMode, address: string): Promise<number> {
  if (mode === 'user') return 2222;
  return (await isFree(address, 22)) ? 22 : 2222;
}

async function hold(address: string, port: number): Promise<boolean> {
  const server = createServer((socket) => socket.destroy());
  return happens(server.listen({ host: address, port }), 'listening');
}

async function isFree(address: string, port: number): Promise<boolean> {
  const server = createServer().listen({ host: address, port });
  const free = await happens(server, 'listening');
  if (free) await new Promise((closed) => server.close(closed));
  return free;
}
