#!/usr/bin/env node
// This file alone is also run by Node 20: no newer syntax, no package, nothing of ours but by import().
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
/** Tells the second process that the first one waits for it. */
const MARK = 'GOFLEET_STARTED_BY';

if (Number(process.versions.node.split('.')[0]) >= NEEDED) await start();
else startAgain();

/** Runs the program here. */
async function start() {
  if (process.env[MARK] !== undefined) endWithFirst();
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(process.argv.slice(2));
}

/** Where the first process is killed, nothing can be forwarded: the closed channel says it. */
function endWithFirst() {
  delete process.env[MARK];
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}

/** Runs this file again with the Node of the `node` package, and ends as that one ends. */
function startAgain() {
  const node = ownNode();
  if (!node) {
    process.stderr.write(
      `gofleet: Node ${NEEDED} is needed, this is ${process.versions.node}, and the package "node" is not installed beside gofleet\n` +
        `remedy: run "npm install" in the folder of gofleet, or use Node ${NEEDED}\n`,
    );
    process.exitCode = 3;
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [MARK]: String(process.pid) },
  });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)
    process.on(signal, () => {
      if (!sentByTerminal(signal)) child.kill(signal);
    });
  child.on('error', (error) => {
    process.stderr.write(`gofleet: ${node} does not start: ${error.message}\n`);
    process.exitCode = 3;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
  });
}

/** Ctrl-C and Ctrl-\ reach every process of the terminal: a second one would mean "at once". */
function sentByTerminal(signal: NodeJS.Signals) {
  return (signal === 'SIGINT' || signal === 'SIGQUIT') && process.stdin.isTTY;
}

function ownNode() {
  try {
    const found = createRequire(import.meta.url).resolve('node/package.json');
    const node = join(dirname(found), 'bin', 'node');
    return existsSync(node) ? node : undefined;
  } catch {
    return undefined;
  }
}
