import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { EventRecord } from '#api';
import { streamEvents } from './stream-events.ts';

function event(id: number, type: string): EventRecord {
  return {
    id,
    at: '2026-12-01T01:00:00.000Z',
    type,
    rollout: '01J',
    batch: null,
    host: null,
    details: {},
  };
}

/** A server that streams these events to whoever asks. */
async function serving(
  format: 'sse' | 'ndjson',
  follow: (signal: AbortSignal) => AsyncIterable<EventRecord>,
  stopping = new AbortController().signal,
): Promise<string> {
  const server = createServer((_, raw) => {
    const reply = { raw, hijack: () => undefined };
    void streamEvents(reply, format, stopping, follow);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

async function* story() {
  yield event(7, 'reset');
  yield event(8, 'host.state');
  yield event(8, 'end');
}

it('sends events as an EventSource reads them, `reset` first and `end` last, and ends', async () => {
  const answer = await fetch(await serving('sse', story));
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const blocks = (await answer.text()).trimEnd().split('\n\n');
  expect(blocks).toHaveLength(3);
  expect(blocks[0]).toBe(`id: 7\nevent: reset\ndata: ${JSON.stringify(event(7, 'reset'))}`);
  expect(blocks[2]).toMatch(/^id: 8\nevent: end\n/);
});

it('sends one event a line where that was asked for', async () => {
  const answer = await fetch(await serving('ndjson', story));
  const lines = (await answer.text()).trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(await Array.fromAsync(story()));
});

it('stops following when the client goes away', async () => {
  const gone = Promise.withResolvers<void>();
  async function* endless(signal: AbortSignal) {
    signal.addEventListener('abort', () => gone.resolve());
    yield event(1, 'host.state');
    await gone.promise;
  }
  const leaving = new AbortController();
  const answer = await fetch(await serving('sse', endless), { signal: leaving.signal });
  await answer.body?.getReader().read();
  leaving.abort();
  await expect(gone.promise).resolves.toBeUndefined();
});

it('a fault on the way cuts the stream off, so that nobody takes it for the end', async () => {
  async function* broken() {
    yield event(1, 'host.state');
    throw new Error('the ledger is gone');
  }
  const answer = await fetch(await serving('sse', broken));
  await expect(answer.text()).rejects.toThrow();
});
