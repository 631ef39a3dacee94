import { dirname, join } from 'node:path';
import { lintInventory, loadInventory } from '#inventory';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { faultText } from '../print-error.ts';
import { counted } from '../values.ts';

export function addInventoryLint(inventory: Command, cli: Cli): void {
  inventory
    .command('lint')
    .description('show what a plan would refuse, and what is odd')
    .requiredOption('-i, --inventory <path>', 'inventory file or folder')
    .action(
      cli.action(async (options: { inventory: string }) => {
        const found = await loadInventory(options.inventory);
        const faults = lintInventory(found).map((fault) => ({
          file: join(dirname(options.inventory), fault.path),
          line: fault.line,
          message: fault.message,
        }));
        const { terminal } = cli;
        if (terminal.json) terminal.out(JSON.stringify({ hosts: found.hosts.size, faults }));
        else if (faults.length === 0)
          terminal.out(`${counted(found.hosts.size, 'host')}, nothing to object to`);
        for (const { file, line, message } of terminal.json ? [] : faults)
          terminal.out(faultText({ path: '', line, message }, file));
        return faults.length === 0 ? 0 : 1;
      }),
    );
}
