import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Counters, Link } from './types.ts';

export interface Endpoint {
  address: string;
  port: number;
}

/** The way to one host: forwards, counts, and is as slow or broken as its link says. */
export interface Proxy {
  /** Listens, unless the link refuses. */
  open(): Promise<void>;
  /** Stops listening and resets what is connected. */
  close(): Promise<void>;
  link(link: Link): Promise<void>;
  counters(): Counters;
}

interface Connection {
  sockets: Socket[];
  /** Both directions, since the link is as it is. */
  bytes: number;
  cut: boolean;
}

type Direction = 'bytesIn' | 'bytesOut';

/** Never more than this lies between the two ends of a slow link. */
const IN_FLIGHT = 1 << 20;
const SLICES_A_SECOND = 20;

export function createProxy(front: Endpoint, back: Endpoint): Proxy {
  const connections = new Set<Connection>();
  const count = { connections: 0, bytesIn: 0, bytesOut: 0 };
  const openedAt: number[] = [];
  const freeAt = { bytesIn: 0, bytesOut: 0 };
  let link: Link = {};
  let changed = Promise.withResolvers<void>();
  let server: Server | undefined;
  let wanted = false;

  async function listen(): Promise<void> {
    if (!wanted || link.refused || server) return;
    server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void serve(socket));
    server.listen({ host: front.address, port: front.port, backlog: 512 });
    await once(server, 'listening');
  }

  function deaf(): void {
    server?.close();
    server = undefined;
  }

  async function serve(client: Socket): Promise<void> {
    count.connections += 1;
    openedAt.push(Date.now());
    const connection: Connection = { sockets: [client], bytes: 0, cut: false };
    connections.add(connection);
    // Whoever ends first ends the other too, but not across a black hole.
    const ended = (socket: Socket) => async (): Promise<void> => {
      await passable();
      for (const other of connection.sockets) if (other !== socket) other.destroy();
      if (socket === client) connections.delete(connection);
    };
    client.on('error', () => {}).on('close', () => void ended(client)());
    await passable();
    if (client.destroyed) return;
    const host = connect({ host: back.address, port: back.port, allowHalfOpen: true });
    host.setNoDelay(true).on('error', () => {});
    host.on('close', () => void ended(host)());
    connection.sockets.push(host);
    await Promise.all([
      forward(connection, client, host, 'bytesIn'),
      forward(connection, host, client, 'bytesOut'),
    ]);
  }

  async function forward(
    connection: Connection,
    from: Socket,
    to: Socket,
    direction: Direction,
  ): Promise<void> {
    let inFlight = 0;
    let tail = Promise.resolve();
    try {
      for await (const chunk of from) {
        for (const slice of slices(chunk as Buffer)) {
          const due = Date.now() + (link.delayMs ?? 0);
          inFlight += slice.length;
          tail = tail
            .then(() => until(due))
            .then(() => send(connection, slice, to, direction))
            .then(() => void (inFlight -= slice.length));
          if (!link.delayMs || inFlight > IN_FLIGHT) await tail;
        }
      }
      await tail;
      await passable();
      to.end();
    } catch {
      // A reset ends this direction; `close` of the socket does the rest.
    }
  }

  function slices(chunk: Buffer): Buffer[] {
    if (!link.bytesPerSecond) return [chunk];
    const size = Math.max(1, Math.floor(link.bytesPerSecond / SLICES_A_SECOND));
    const length = Math.ceil(chunk.length / size);
    return Array.from({ length }, (_, at) => chunk.subarray(at * size, (at + 1) * size));
  }

  async function send(
    connection: Connection,
    slice: Buffer,
    to: Socket,
    direction: Direction,
  ): Promise<void> {
    await passable();
    if (link.bytesPerSecond) await takeTurn(slice.length, link.bytesPerSecond, direction);
    if (connection.cut || to.destroyed) return;
    const left = cutsLeft() ? (link.cutAfterBytes ?? Infinity) - connection.bytes : Infinity;
    const part = slice.length > left ? slice.subarray(0, left) : slice;
    connection.bytes += part.length;
    count[direction] += part.length;
    if (part.length < slice.length) return cut(connection, part, to);
    if (!to.write(part)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }

  function cutsLeft(): boolean {
    return link.cutAfterBytes !== undefined && (link.cuts ?? 1) > 0;
  }

  function cut(connection: Connection, last: Buffer, to: Socket): void {
    connection.cut = true;
    if (link.cuts !== undefined) link = { ...link, cuts: link.cuts - 1 };
    to.write(last, () => {
      for (const socket of connection.sockets) socket.resetAndDestroy();
    });
  }

  async function takeTurn(bytes: number, rate: number, direction: Direction): Promise<void> {
    freeAt[direction] = Math.max(Date.now(), freeAt[direction]) + (bytes / rate) * 1000;
    await until(freeAt[direction]);
  }

  async function passable(): Promise<void> {
    while (link.blackhole) await changed.promise;
  }

  return {
    open: () => {
      wanted = true;
      return listen();
    },
    close: async () => {
      wanted = false;
      deaf();
      for (const { sockets } of connections) for (const socket of sockets) socket.resetAndDestroy();
      await Promise.resolve();
    },
    link: async (next) => {
      link = next;
      for (const connection of connections) connection.bytes = 0;
      freeAt.bytesIn = freeAt.bytesOut = 0;
      changed.resolve();
      changed = Promise.withResolvers();
      if (link.refused) deaf();
      else await listen();
    },
    counters: () => ({ ...count, open: connections.size, openedAt: [...openedAt] }),
  };
}

async function until(instant: number): Promise<void> {
  const rest = instant - Date.now();
  if (rest > 0) await sleep(rest);
}
