import type { Command, ExecOptions, RemoteResult, Transport } from '#operations';

/** A dry run: prints what would be run and sent, acts on nothing, and answers as a script that said nothing. */
export function printerTransport(print: (text: string) => void): Transport {
  return {
    exec(command: Command, { stdin }: ExecOptions): Promise<RemoteResult> {
      const size = typeof stdin === 'object' ? stdin.size : (stdin?.length ?? 0);
      print(`${command.shown}${size > 0 ? `   # with ${size} bytes of input` : ''}`);
      return Promise.resolve({ code: 0, signal: undefined, stdout: '', stderr: '' });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
