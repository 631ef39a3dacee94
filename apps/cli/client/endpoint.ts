import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GofleetError } from '#errors';

/** How the controller was chosen on the command line or by the environment. */
export interface Choice {
  url?: string | undefined;
  token?: string | undefined;
  /** The data folder of the embedded controller. */
  data: string;
}

export interface Endpoint {
  /** Without a slash at its end. */
  url: string;
  token: string | undefined;
}

/** The controller that is named, else the embedded one. Its token is never sent to another URL. */
export async function findEndpoint({ url, token, data }: Choice): Promise<Endpoint> {
  const embedded = await embeddedUrl(data);
  const chosen = url === undefined ? embedded : checked(url);
  if (chosen === undefined) throw noController(data);
  return { url: chosen, token: token ?? (chosen === embedded ? await tokenOf(data) : undefined) };
}

async function embeddedUrl(data: string): Promise<string | undefined> {
  const text = await readFile(join(data, 'controller.json'), 'utf8').catch(absent);
  if (text === undefined) return undefined;
  try {
    const { url } = JSON.parse(text) as { url?: unknown };
    return typeof url === 'string' ? checked(url) : undefined;
  } catch (cause) {
    throw new GofleetError('unavailable', `${join(data, 'controller.json')} is not readable JSON`, {
      remedy: 'Start the controller again with "gofleet up": it writes the file anew.',
      cause,
    });
  }
}

async function tokenOf(data: string): Promise<string | undefined> {
  const file = join(data, 'token');
  try {
    return (await readFile(file, 'utf8').catch(absent))?.trim();
  } catch (cause) {
    throw new GofleetError('unauthorized', `${file} cannot be read`, {
      remedy: 'Run this as the user who runs "gofleet up", or give a token of your own by --token.',
      cause,
    });
  }
}

function checked(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new GofleetError('usage', `"${url}" is no URL of a controller`, {
      remedy: 'Write it as http://HOST:PORT or https://HOST:PORT.',
    });
  return url.replace(/\/+$/, '');
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}

function noController(data: string): GofleetError {
  return new GofleetError('unavailable', `there is no controller: ${data} has no controller.json`, {
    remedy:
      'Start one with "gofleet up", or name one with --url and --token, or its folder with --data.',
  });
}
