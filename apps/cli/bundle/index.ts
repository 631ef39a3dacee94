import type { Command } from 'commander';
import type { Cli } from '../cli.ts';

import { addBundleImport } from './import.ts';
import { addBundleInspect } from './inspect.ts';
import { addBundleVerify } from './verify.ts';

export function addBundleCommands(program: Command, cli: Cli): void {
  const bundle = program.command('bundle').description('make, check and import bundles');

  addBundleInspect(bundle, cli);
  addBundleVerify(bundle, cli);
  addBundleImport(bundle, cli);
}
