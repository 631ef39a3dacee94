import { destination, pino, type Logger } from 'pino';

/** Names under which no line may ever hold anything. */
const SECRET = ['password', 'becomePassword', 'token', 'secret', 'authorization', 'passphrase'];

/** Lines of JSON on standard error; `name` is the process. GOFLEET_LOG sets the level. */
export function openLog(name: string): Logger {
  const out = destination({ fd: 2, sync: true });
  // Where nobody reads the lines any more, the process has better things to do than to fail.
  out.on('error', () => undefined);
  const redact = { paths: SECRET.flatMap((word) => [word, `*.${word}`]), censor: '********' };
  const level = process.env['GOFLEET_LOG'] ?? 'info';
  return pino({ name, level, redact, timestamp: pino.stdTimeFunctions.isoTime }, out);
}
