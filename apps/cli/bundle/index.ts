import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addBundleBuild } from './build.ts';
import { addBundleDiff } from './diff.ts';
import { addBundleExport } from './export.ts';
import { addBundleGraph } from './graph.ts';
import { addBundleHave } from './have.ts';
import { addBundleImport } from './import.ts';
import { addBundleInspect } from './inspect.ts';
import { addBundleLicenses } from './licenses.ts';
import { addBundleList } from './list.ts';
import { addBundleRemove } from './remove.ts';
import { addBundleSbom } from './sbom.ts';
import { addBundleSign } from './sign.ts';
import { addBundleJoin, addBundleSplit } from './split.ts';
import { addBundleSumdbKey } from './sumdb-key.ts';
import { addBundleVerify } from './verify.ts';

export function addBundleCommands(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  const bundle = program.command('bundle').description('make, check and import bundles');
  addBundleBuild(bundle, cli, env);
  addBundleInspect(bundle, cli);
  addBundleList(bundle, cli);
  addBundleGraph(bundle, cli);
  addBundleLicenses(bundle, cli);
  addBundleSbom(bundle, cli);
  addBundleDiff(bundle, cli);
  addBundleVerify(bundle, cli);
  addBundleSign(bundle, cli, env);
  addBundleSumdbKey(bundle, cli);
  addBundleSplit(bundle, cli);
  addBundleJoin(bundle, cli);
  addBundleHave(bundle, cli);
  addBundleExport(bundle, cli);
  addBundleImport(bundle, cli);
  addBundleRemove(bundle, cli);
}
