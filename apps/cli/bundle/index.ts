import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addBundleBuild } from './build.ts';
import { addBundleImport } from './import.ts';
import { addBundleInspect } from './inspect.ts';
import { addBundleSign } from './sign.ts';
import { addBundleVerify } from './verify.ts';

export function addBundleCommands(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  const bundle = program.command('bundle').description('make, check and import bundles');
  addBundleBuild(bundle, cli, env);
  addBundleInspect(bundle, cli);
  addBundleVerify(bundle, cli);
  addBundleSign(bundle, cli, env);
  addBundleImport(bundle, cli);
}
