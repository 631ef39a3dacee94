export type { Command } from './command.ts';
export type { ExecOptions, Payload, RemoteResult, Transport } from './transport.ts';
