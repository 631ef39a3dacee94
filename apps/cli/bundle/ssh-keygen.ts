import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { GofleetError } from '#errors';
import { NAMESPACE, type Signer } from '#bundle';

/**
 * Signs with ssh-keygen: by a private key file, by a hardware key, or, where the file is a public key, by the agent
 * that holds the other half. A passphrase or a touch is asked for on the terminal.
 */
export function sshKeygen(keyFile: string, env: NodeJS.ProcessEnv): Signer {
  return async (manifest) => {
    const agent = keyFile.endsWith('.pub') ? ['-U'] : [];
    const args = ['-Y', 'sign', '-n', NAMESPACE, ...agent, '-f', keyFile];
    const child = spawn('ssh-keygen', args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.on('error', () => {}); // it ended before it read: its exit code says why
    child.stdin.end(manifest);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('error', (cause) => reject(noProgram(cause)));
      child.on('close', resolve);
    });
    const [code, signature, words] = await Promise.all([
      ended,
      text(child.stdout),
      text(child.stderr),
    ]);
    if (code === 0) return signature;
    throw notSigned(keyFile, words.trim().split('\n').at(-1) ?? '');
  };
}

function noProgram(cause: unknown): GofleetError {
  return new GofleetError('missing_tool', 'there is no program ssh-keygen here', {
    remedy: 'Install the OpenSSH client.',
    cause,
  });
}

function notSigned(keyFile: string, why: string): GofleetError {
  return new GofleetError('usage', `ssh-keygen did not sign with ${keyFile}: ${why}`, {
    remedy: 'Name a private key file, or the .pub file of a key that the agent holds (ssh-add -L).',
  });
}
