import type { Transport } from '#operations';
import { connectSsh, type ConnectOptions, type Credentials, type Target } from './connect.ts';
import { newWay, wayFault, type JumpNames, type Used, type Way, type WayOptions } from './way.ts';

export interface ThroughOptions extends ConnectOptions {
  /** Hosts on the way, from here on; at least one. */
  jumps: readonly JumpNames[];
  /** At most so many handshakes go through one jump host at once. */
  handshakesPerJump: number;
}

/** Connections to jump hosts, one each, for all hosts behind them. */
export interface Jumps extends AsyncDisposable {
  /**
   * As `connectSsh`, through others. What breaks on the way is no fault of the host: such an error has
   * `details.jump`, the name of the jump host.
   */
  connect(target: Target, credentials: Credentials, options: ThroughOptions): Promise<Transport>;
}

/** Opens nothing yet. */
export function openJumps(options: WayOptions): Jumps {
  const known = new Map<string, Way>();

  /** The way over these hosts, the last of them included. */
  function wayOver(jumps: readonly JumpNames[]): Way | undefined {
    const jump = jumps.at(-1);
    if (!jump) return undefined;
    const key = JSON.stringify(jumps);
    const way = known.get(key) ?? newWay(jump, wayOver(jumps.slice(0, -1)), options);
    known.set(key, way);
    return way;
  }

  return {
    async connect(target, credentials, { jumps, handshakesPerJump, ...how }) {
      const way = wayOver(jumps);
      if (!way) return connectSsh(target, credentials, how);
      return way.handshake(handshakesPerJump, () => through(way, target, credentials, how));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...known.values()].map((way) => way.close()));
    },
  };
}

async function through(
  way: Way,
  target: Target,
  credentials: Credentials,
  options: ConnectOptions,
): Promise<Transport> {
  const used = await way.use(options);
  try {
    const carrier = used.jump.to(target.address, target.port);
    const transport = await connectSsh(target, credentials, { ...options, carrier });
    return watched(transport, way, used);
  } catch (error) {
    const fault = await wayFault(error, way.name, used.jump);
    used.done();
    throw fault;
  }
}

/** A transport whose breaking is looked into: was it the host, or the way to it? */
function watched(transport: Transport, way: Way, used: Used): Transport {
  return {
    exec: (command, options) =>
      transport.exec(command, options).catch(async (error: unknown) => {
        throw await wayFault(error, way.name, used.jump);
      }),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      used.done();
    },
  };
}
