import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addHostsAdopt } from './adopt.ts';
import { addHostsAudit } from './audit.ts';
import { addHostsDoctor } from './doctor.ts';
import { addHostsFacts } from './facts.ts';
import { addHostsPing } from './ping.ts';
import { addHostsScan } from './scan.ts';

export function addHostsCommands(program: Command, cli: Cli, env: NodeJS.ProcessEnv): void {
  const hosts = program.command('hosts').description('look at hosts and take them over');
  addHostsScan(hosts, cli);
  addHostsPing(hosts, cli, env);
  addHostsFacts(hosts, cli);
  addHostsDoctor(hosts, cli);
  addHostsAudit(hosts, cli);
  addHostsAdopt(hosts, cli);
}
