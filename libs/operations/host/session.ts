import { randomBytes } from 'node:crypto';
import { assign, lines, literally, sh, type Command } from '../command.ts';
import { FUNCTIONS } from '../shell/index.ts';
import type { Become, Task } from '../task.ts';
import type { Payload, RemoteResult, Transport } from '../transport.ts';
import { faultOf } from './faults.ts';

/** Whose scripts these are: what each of them knows of its task. */
export interface Session {
  transport: Transport;
  task: Task;
}

export interface ScriptOptions {
  payload?: Payload | undefined;
  timeout: number;
  signal?: AbortSignal | undefined;
  /** The script that claims the host: the only one that tries the password of sudo beforehand. */
  first?: boolean;
}

/** What a script said: its lines in order. Whatever else stood on standard output is no part of it. */
export type Answer = string[];

/**
 * Runs a script on the host, as root where the task says so. Throws the fault that it ended with; a script
 * whose last word is missing never counts as done.
 */
export async function runScript(
  session: Session,
  body: Command,
  options: ScriptOptions,
): Promise<Answer> {
  const nonce = `gofleet-${randomBytes(8).toString('hex')}`;
  const inner = frame(session.task, nonce, body);
  const { command, head } = session.task.become
    ? becoming(session.task.become, nonce, inner, options.first === true)
    : direct(inner);
  const result = await session.transport.exec(command, {
    stdin: withHead(head, options.payload),
    timeout: options.timeout,
    signal: options.signal,
  });
  return answerOf(result, nonce, session.task);
}

/** The variables and functions around what is to be done. */
function frame(task: Task, nonce: string, body: Command): string {
  const seconds = Math.max(1, Math.floor(task.timeouts.step / 1000));
  const { script } = lines(
    assign('NONCE', nonce),
    literally(String.raw`printf '\n%s begin\n' "$NONCE"`),
    assign('TASK', task.task),
    assign('FLEET', task.fleet),
    assign('EPOCH', task.epoch),
    assign('ROLLOUT', task.rollout),
    assign('ADOPT', task.adopt ? 1 : 0),
    assign('WAIT', seconds),
    assign('STEP_SECONDS', seconds),
    assign('ROOT_WANTED', task.root ?? ''),
    literally(FUNCTIONS),
    body,
    literally('say end'),
  );
  return script;
}

/** What the login shell is given: short, and the same for sh, csh and fish. The script comes as input. */
function bootstrap(bytes: number): Command {
  return literally(`exec /bin/sh -c 'eval "$(head -c ${bytes})"'`);
}

function direct(inner: string): { command: Command; head: Buffer } {
  const head = Buffer.from(`set -- "$(id -un)" "\${HOME:-/}" "$PATH"\n${inner}`);
  return { command: bootstrap(head.length), head };
}

/**
 * The login user's script hands over to sudo, whose script comes next in the input; a password stands before
 * it. sudo takes that line or, where it needs none, leaves it: so the second script begins behind a mark.
 */
function becoming(
  become: Become,
  nonce: string,
  inner: string,
  first: boolean,
): { command: Command; head: Buffer } {
  const script = Buffer.from(inner);
  const start = `eval "$(head -c ${script.length})"`;
  const withPassword = become.password !== undefined;
  const rest = withPassword
    ? `while IFS= read -r line; do [ "$line" != ${nonce} ] || break; done; ${start}`
    : start;
  const sudo = [
    'sudo',
    ...(withPassword ? ['-S', '-p', ''] : ['-n']),
    '-H',
    '-u',
    become.user,
    '--',
  ];
  const outer = lines(
    literally(String.raw`printf '\n%s outer\n' ${nonce}`),
    ...(withPassword && first
      ? [
          literally('IFS= read -r password'),
          literally(
            String.raw`printf '%s\n' "$password" | ${sh(...sudo).script} /bin/sh -c : || exit 1`,
          ),
          literally('unset password'),
        ]
      : []),
    literally(
      `exec ${sh(...sudo, '/bin/sh', '-c', rest, 'gofleet').script} "$(id -un)" "\${HOME:-/}" "$PATH"`,
    ),
  );
  const password = withPassword ? `${become.password}\n` : '';
  const head = Buffer.concat([
    Buffer.from(`${outer.script}\n`),
    Buffer.from(withPassword && first ? password : ''),
    Buffer.from(withPassword ? `${password}${nonce}\n` : ''),
    script,
  ]);
  return { command: bootstrap(Buffer.byteLength(outer.script) + 1), head };
}

/** The script and then the blob, as one input. */
function withHead(head: Buffer, payload: Payload | undefined): Payload {
  return {
    size: head.length + (payload?.size ?? 0),
    progress: (sent) => payload?.progress?.(Math.max(0, sent - head.length)),
    async *read() {
      yield head;
      if (payload) yield* payload.read();
    },
  };
}

function answerOf(result: RemoteResult, nonce: string, task: Task): Answer {
  const said = result.stdout
    .split('\n')
    .filter((line) => line.startsWith(`${nonce} `))
    .map((line) => line.slice(nonce.length + 1));
  const fault = faultOf(said, result, task);
  if (fault) throw fault;
  return said;
}
