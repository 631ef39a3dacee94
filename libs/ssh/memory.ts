import type { Command, ExecOptions, RemoteResult, Transport } from '#operations';

/** What was run on a memory transport: the command and all of its input. */
export interface Exchange {
  command: Command;
  input: string;
}

export interface MemoryTransport extends Transport {
  exchanges: Exchange[];
}

/** For tests: every exec is answered by a function of what was run. An answer that throws is a connection that broke. */
export function memoryTransport(
  answer: (exchange: Exchange, count: number) => Partial<RemoteResult>,
): MemoryTransport {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    async exec(command: Command, { stdin }: ExecOptions): Promise<RemoteResult> {
      const exchange = { command, input: await read(stdin) };
      exchanges.push(exchange);
      return {
        code: 0,
        signal: undefined,
        stdout: '',
        stderr: '',
        ...answer(exchange, exchanges.length),
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function read(stdin: ExecOptions['stdin']): Promise<string> {
  if (typeof stdin !== 'object') return stdin ?? '';
  const chunks = await Array.fromAsync(stdin.read());
  stdin.progress?.(stdin.size);
  return Buffer.concat(chunks).toString('utf8');
}
