import { join } from 'node:path';
import type { Keeper } from './keeper-client.ts';
import { listTree } from './listing.ts';
import { readLog } from './log.ts';
import type { KeptHost, LabWish } from './protocol.ts';
import { runAsUser, runInside } from './run.ts';
import type { HostOptions, LabHost, UserKind } from './types.ts';
import { MARK, sessionEnvironment } from './user-machine.ts';

/** One host of a running lab as tests use it. */
export function labHost(
  { wish, keeper }: { wish: LabWish; keeper: Keeper },
  at: number,
  options: HostOptions & { name: string },
  { address, port, hostKey }: KeptHost,
): LabHost {
  const { name, vars = {} } = options;
  const { account } = wish;
  const folder = join(wish.folder, 'hosts', name);
  const isRoot = wish.mode === 'root';
  const root = isRoot ? `/proc/${keeper.pid}/root${folder}/root` : join(folder, 'home');
  const kind: UserKind = isRoot ? (options.user ?? 'root') : 'plain';
  const home = isRoot ? (kind === 'root' ? '/root' : `/home/${kind}`) : root;

  async function run(...[command, how]: Parameters<LabHost['run']>): ReturnType<LabHost['run']> {
    if (!isRoot) {
      const environment = sessionEnvironment(folder, `${MARK}${wish.id}/${name}`, account);
      return runAsUser({ home, environment, account }, command, how);
    }
    const pid = await keeper.ask<number | undefined>({ verb: 'pid', host: at });
    return runInside({ pid, keeper: keeper.pid, root: join(folder, 'root') }, command, how);
  }

  return {
    name,
    address,
    port,
    kind,
    user: isRoot ? kind : account.name,
    vars,
    hostKey,
    home,
    path: (inside) => join(root, inside),
    run,
    listing: (paths, { content } = {}) => listTree(root, paths, content),
    fill: (leaveMb = 0) => keeper.ask({ verb: 'fill', host: at, leaveMb }),
    fillInodes: () => keeper.ask({ verb: 'fillInodes', host: at }),
    free: () => keeper.ask({ verb: 'free', host: at }),
    stop: () => keeper.ask({ verb: 'stop', host: at }),
    start: () => keeper.ask({ verb: 'start', host: at }),
    changeKey: () => keeper.ask({ verb: 'key', host: at, which: 'second' }),
    restoreKey: () => keeper.ask({ verb: 'key', host: at, which: 'first' }),
    link: (link) => keeper.ask({ verb: 'link', host: at, link }),
    counters: () => keeper.ask({ verb: 'counters', host: at }),
    log: () => readLog(join(wish.folder, `${name}.log`)),
  };
}
