import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerAs, spreadOf, type Spread } from './part.ts';

/** Clients that look at rollouts again and again: the rollout itself, then the next page of its hosts. */
export interface ClientsOptions {
  url: string;
  token: string;
  rollouts: string[];
  clients: number;
  /** Requests a second, each client. */
  rate: number;
}

/** Milliseconds from asking to the last byte. */
export interface Latencies {
  requests: number;
  rollout: Spread;
  hosts: Spread;
}

const options = JSON.parse(process.argv[2] ?? '{}') as ClientsOptions;
const agent = new Agent({ keepAlive: true });
const taken = { rollout: [] as number[], hosts: [] as number[] };
for (let number = 0; number < options.clients; number++) void look(number);
answerAs(latencies);

async function look(number: number): Promise<void> {
  const pause = 1000 / options.rate;
  await sleep(Math.random() * pause);
  const id = options.rollouts[number % options.rollouts.length] ?? '';
  for (let cursor = ''; ;) {
    await timed('rollout', `/v1/rollouts/${id}`);
    await sleep(pause);
    const query = `limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = await timed('hosts', `/v1/rollouts/${id}/hosts?${query}`);
    cursor = (JSON.parse(page) as { nextCursor: string | null }).nextCursor ?? '';
    await sleep(pause);
  }
}

async function timed(what: keyof typeof taken, path: string): Promise<string> {
  const start = performance.now();
  const text = await get(path);
  taken[what].push(performance.now() - start);
  return text;
}

function get(path: string): Promise<string> {
  const headers = { authorization: `Bearer ${options.token}` };
  return new Promise((resolve, reject) => {
    const asked = request(`${options.url}${path}`, { agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(text)),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

function latencies(): Latencies {
  return {
    requests: taken.rollout.length + taken.hosts.length,
    rollout: spreadOf(taken.rollout),
    hosts: spreadOf(taken.hosts),
  };
}
