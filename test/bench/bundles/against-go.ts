import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ratio } from '../show.ts';
import { observe, observeCli, show, type Observed } from './observe.ts';

/**
 * A project with the modules of a Kubernetes client, a gRPC server and a command line: some hundred modules. All of it is
 * compared in one run, after the modules were fetched once:
 * `download`: `go mod download all` into an empty module cache, from the warm one as a file:// proxy, so without a network;
 * `build`: `gofleet bundle build --no-rehearsal` with an empty cache of its own, from the same warm module cache: the same
 * downloads, and each module hashed, judged, its licences read, packed, and the bundle written;
 * `rebuild`: the same again after a file of the project has changed.
 * What is asked of the checksum database in the first build is kept from then on; where the database is far away, `build`
 * shows it and `rebuild` does not.
 */
export async function againstGo(work: string): Promise<unknown> {
  const project = join(work, 'services', 'api');
  await writeProject(project);
  const warm = join(work, 'warm');
  const settings = { GOFLAGS: '-modcacherw', GOMODCACHE: warm };
  await observe('go', ['mod', 'tidy'], { cwd: project, env: settings });
  await inCopy(project, (cwd) => observe('go', ['mod', 'download', 'all'], { cwd, env: settings }));

  const download = await best('go mod download all, from the warm module cache', async () => {
    const empty = join(work, 'empty');
    const fromWarm = {
      GOMODCACHE: empty,
      GOPROXY: `file://${warm}/cache/download`,
      GOSUMDB: 'off',
    };
    const observed = await inCopy(project, (cwd) =>
      observe('go', ['mod', 'download', 'all'], { cwd, env: { ...settings, ...fromWarm } }),
    );
    await rm(empty, { recursive: true });
    return observed;
  });

  const bundle = join(work, 'api.gofleet');
  const build = (cache: string) =>
    observeCli(
      [
        'bundle',
        'build',
        join(work, 'services/bundle.yaml'),
        '-o',
        bundle,
        '--no-rehearsal',
        '--cache',
        cache,
      ],
      settings,
    );
  let count = 0;
  const first = await best('bundle build, with an empty cache', () =>
    build(join(work, `own-${(count += 1)}`)),
  );
  const again = await best('bundle build, after a file has changed', async () => {
    await writeFile(
      join(project, 'changed.go'),
      `package main\n\nconst changed = ${(count += 1)}\n`,
    );
    return build(join(work, 'own-1'));
  });
  const same = await best('bundle build, of what it built before', () =>
    build(join(work, 'own-1')),
  );
  console.log('    build / go mod download all:');
  const ratios = {
    build: ratio(first.seconds, download.seconds, 'at most 1.3'),
    rebuild: ratio(again.seconds, download.seconds, 'at most 1.3'),
    same: ratio(same.seconds, download.seconds, 'at most 1.3'),
  };
  return { download, first, again, same, ratios };
}

/** The better one of two runs: what else the machine does is nobody's figure. */
async function best(what: string, act: () => Promise<Observed>): Promise<Observed> {
  const runs = [await act(), await act()];
  const observed = {
    seconds: Math.min(...runs.map(({ seconds }) => seconds)),
    megabytes: Math.max(...runs.map(({ megabytes }) => megabytes)),
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
