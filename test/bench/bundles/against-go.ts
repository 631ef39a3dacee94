import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ratio } from '../show.ts';
import { observe, observeCli, show, type Observed } from './observe.ts';

/** Every figure is the best of so many: they take turns, so that a slow minute of the disk does not hit one of them alone. */
const ROUNDS = 4;

/**
 * A project with the modules of a Kubernetes client, a gRPC server and a command line: some hundred modules. All of it is
 * compared in one run, after the modules were fetched once:
 * `network`: `go mod download all` into an empty module cache, from GOPROXY as it is;
 * `download`: the same from the warm module cache as a file:// proxy, so without a network;
 * `first`: `gofleet bundle build --no-rehearsal` with an empty cache of its own, from the same warm module cache: each
 * module hashed, judged, its licences read, packed, and the bundle written;
 * `again`: the same after a file of the project has changed;
 * `same`: the same again.
 * What go has not asked the checksum database for, the first build does; where it is far away, `first` shows it.
 */
export async function againstGo(work: string): Promise<unknown> {
  const project = join(work, 'services', 'api');
  await writeProject(project);
  const warm = join(work, 'warm');
  const settings = { GOFLAGS: '-modcacherw', GOMODCACHE: warm };
  await observe('go', ['mod', 'tidy'], { cwd: project, env: settings });
  await inCopy(project, (cwd) => observe('go', ['mod', 'download', 'all'], { cwd, env: settings }));

  const empty = join(work, 'empty');
  const download = async (more: Record<string, string>): Promise<Observed> => {
    const env = { ...settings, ...more, GOMODCACHE: empty };
    const observed = await inCopy(project, (cwd) =>
      observe('go', ['mod', 'download', 'all'], { cwd, env }),
    );
    await rm(empty, { recursive: true });
    return observed;
  };
  const own = join(work, 'own');
  const build = async (): Promise<Observed> =>
    observeCli(
      [
        'bundle',
        'build',
        join(work, 'services/bundle.yaml'),
        '-o',
        join(work, 'api.gofleet'),
        '--no-rehearsal',
        '--cache',
        own,
      ],
      settings,
    );

  const fromDisk = { GOPROXY: `file://${warm}/cache/download`, GOSUMDB: 'off' };
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const network = await download({});
    const disk = await download(fromDisk);
    await rm(own, { recursive: true, force: true });
    const first = await build();
    await writeFile(join(project, 'changed.go'), `package main\n\nconst changed = ${round}\n`);
    rounds.push({ network, disk, first, again: await build(), same: await build() });
  }
  const network = best('go mod download all, from GOPROXY', rounds, 'network');
  const disk = best('go mod download all, from the warm module cache', rounds, 'disk');
  const first = best('bundle build, with an empty cache', rounds, 'first');
  const again = best('bundle build, after a file has changed', rounds, 'again');
  const same = best('bundle build, of what it built before', rounds, 'same');
  const beside = (other: Observed) => ({
    first: ratio(first.seconds, other.seconds, 'at most 1.3'),
    again: ratio(again.seconds, other.seconds, 'at most 1.3'),
    same: ratio(same.seconds, other.seconds, 'at most 1.3'),
  });
  console.log('    build / go mod download all, from GOPROXY:');
  const besideNetwork = beside(network);
  console.log('    build / go mod download all, from the warm module cache:');
  return { network, disk, first, again, same, besideNetwork, besideDisk: beside(disk) };
}

/** The best time and the highest peak. */
function best<Name extends string>(
  what: string,
  rounds: readonly Record<Name, Observed>[],
  name: Name,
): Observed {
  const observed = {
    seconds: Math.min(...rounds.map((round) => round[name].seconds)),
    megabytes: Math.max(...rounds.map((round) => round[name].megabytes)),
  };
  show(what, observed);
  return observed;
}

/** `go mod download all` adds lines to go.sum. */
async function inCopy(project: string, act: (cwd: string) => Promise<Observed>): Promise<Observed> {
  const copy = `${project}-copy`;
  await cp(project, copy, { recursive: true });
  const observed = await act(copy);
  await rm(copy, { recursive: true });
  return observed;
}

const GO_MOD = `module example.com/api

go 1.21

require (
	github.com/prometheus/client_golang v1.17.0
	github.com/spf13/cobra v1.8.0
	google.golang.org/grpc v1.59.0
	k8s.io/client-go v0.28.4
)
`;

const MAIN_GO = `package main

import (
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/spf13/cobra"
	_ "google.golang.org/grpc"
	_ "k8s.io/client-go/kubernetes"
)

func main() {}
`;

async function writeProject(project: string): Promise<void> {
  await mkdir(project, { recursive: true });
  await writeFile(join(project, 'go.mod'), GO_MOD);
  await writeFile(join(project, 'main.go'), MAIN_GO);
  await writeFile(
    join(project, '../bundle.yaml'),
    'kind: Bundle\nname: api\npacks: [{ name: default, projects: [api] }]\n',
  );
}
