import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Asked {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  bytes: Buffer;
}

export type Reply = (asked: Asked, response: ServerResponse) => void;

export interface Served {
  url: string;
  port: number;
  asked: Asked[];
  /** Cuts every connection and stops listening. */
  stop(): Promise<void>;
}

/** A small HTTP server that says what a test wants a controller to say, until that test has ended. */
export async function serve(reply: Reply, port = 0): Promise<Served> {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: path = '', headers } = request;
    const bytes = await buffer(request);
    const one = { method, path, headers, bytes, body: bytes.toString('utf8') };
    asked.push(one);
    reply(one, response);
  };
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  onTestFinished(stop);
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    asked,
    stop,
  };
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
