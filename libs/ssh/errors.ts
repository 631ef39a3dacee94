import { GofleetError, type ErrorCode } from '#errors';

interface Row {
  when: RegExp;
  code: ErrorCode;
  message: string;
  remedy: string;
}

const NETWORK = 'Look whether the host is up and what is between worker and host.';

/** What a failure to connect means, by error code, level and message of Node and ssh2: the first row that fits. */
const ROWS: Row[] = [
  {
    when: /ENOTFOUND|EAI_/,
    code: 'name_unknown',
    message: 'the address cannot be resolved',
    remedy: 'Correct `ansible_host`, or the name service of the worker.',
  },
  {
    when: /client-authentication|authentication methods failed/i,
    code: 'auth',
    message: 'the host accepts neither key nor password',
    remedy: 'Check user, key and password, and look into the log of sshd on the host.',
  },
  {
    when: /no matching host key/i,
    code: 'host_key_changed',
    message: 'the host has no key of the kind that is pinned',
    remedy:
      'Compare the keys on the host with the pinned one; scan again only if the change is meant.',
  },
  {
    when: /no matching/i,
    code: 'refused',
    message: 'the host speaks no algorithm that we do',
    remedy: 'Update the SSH server of the host.',
  },
  {
    when: /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN/,
    code: 'refused',
    message: 'the connection was refused',
    remedy: NETWORK,
  },
  {
    when: /ETIMEDOUT|client-timeout|Timed out|Keepalive/i,
    code: 'timeout',
    message: 'no answer in time',
    remedy: NETWORK,
  },
];

/** Turns what Node or ssh2 says into our codes. What is not known is a `cut`: it may go better next time. */
export function connectionError(place: string, error: unknown): GofleetError {
  if (error instanceof GofleetError) return error;
  const { message, code, level } = facts(error);
  const row = ROWS.find(({ when }) => when.test(`${code} ${level} ${message}`));
  return new GofleetError(
    row?.code ?? 'cut',
    `${place}: ${row?.message ?? 'the connection was cut'} (${message})`,
    { remedy: row?.remedy ?? NETWORK, cause: error },
  );
}

/** What sshd says when it could not connect on (RFC 4254, 5.1). */
const CONNECT_FAILED = 2;

/**
 * Why a jump host opens no channel to a host: it tried, and that is about the host; or it does not do such a thing, and
 * that is about the jump host (`details.jump`).
 */
export function openFailure(place: string, error: Error & { reason?: unknown }): GofleetError {
  const { message, reason } = error;
  if (reason === CONNECT_FAILED) return connectionError(place, new Error(codeOf(message)));
  if (typeof reason !== 'number') return connectionError(place, error);
  return new GofleetError('refused', `it opens no channel to ${place} (${message})`, {
    remedy:
      'Look at AllowTcpForwarding, PermitOpen and MaxSessions in the sshd_config of the jump host.',
    details: { jump: true },
    cause: error,
  });
}

/** sshd passes on in words what the system said. */
function codeOf(message: string): string {
  if (/name|resolution|not known|no address/i.test(message)) return `ENOTFOUND ${message}`;
  return /timed out/i.test(message) ? `ETIMEDOUT ${message}` : `ECONNREFUSED ${message}`;
}

function facts(error: unknown): { message: string; code: string; level: string } {
  if (!(error instanceof Error)) return { message: String(error), code: '', level: '' };
  const { code, level } = error as Error & { code?: unknown; level?: unknown };
  return { message: error.message || error.name, code: String(code), level: String(level) };
}
