import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { CODES, GofleetError, type ErrorCode } from '#errors';
import { ChildMessage } from '../../process/child-message.ts';
import { endOf } from './child.ts';

/** Young objects die in a small space: with 50 sessions both take a third less memory. */
const SMALL = ['--max-semi-space-size=2'];

/**
 * Starts the controller or the worker with its options. It ends by itself when this process is gone: the channel
 * between the two closes. In a session of its own Ctrl-C reaches the supervisor alone, which ends all in turn.
 */
export function forkApp(app: 'controller' | 'worker', options: object): ChildProcess {
  const file = join(import.meta.dirname, '../..', app, 'main.js');
  return fork(file, [JSON.stringify(options)], {
    execArgv: SMALL,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** Its first message: that it is ready, with its URL where it has one, or why it cannot start. */
export async function firstMessage(child: ChildProcess): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  child.on('error', reject);
  child.on('message', (message) => {
    const said = ChildMessage.safeParse(message).data;
    if (said?.kind === 'ready') resolve(said.url);
    if (said?.kind === 'failed') reject(failureOf(said));
  });
  void endOf(child).then((why) =>
    reject(
      new GofleetError('internal', `a child ended before it was ready: ${why}`, {
        remedy: 'Its last lines above say why.',
      }),
    ),
  );
  return promise;
}

const Code = z.enum(Object.keys(CODES) as [ErrorCode, ...ErrorCode[]]).catch('internal');

function failureOf({ code, message, remedy }: { code: string; message: string; remedy: string }) {
  return new GofleetError(Code.parse(code), message, { remedy });
}
