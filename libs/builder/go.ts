import { GofleetError } from '#errors';
import { run, type Environment, type RunResult } from './run.ts';

/** The go command of this machine, with settings under which it does what the builder means. */
export interface Go {
  /** Runs it; exit codes other than 0 are the caller's to judge. */
  try(args: readonly string[], options: GoRunOptions): Promise<RunResult>;
  /** Runs it and answers what it printed. Throws `go_failed`. */
  run(args: readonly string[], options: GoRunOptions): Promise<string>;
}

export interface GoRunOptions {
  cwd: string;
  /** On top of the settings for all runs. */
  env?: Environment;
}

/**
 * Proxy, checksum database and credentials stay those of the user; what would make results depend on the user's other
 * settings does not: GOFLAGS, workspaces, switching to another Go.
 */
export function goCommand(program: string, env: Environment, signal?: AbortSignal): Go {
  const settings = {
    GOFLAGS: '-mod=mod',
    GOTOOLCHAIN: 'local',
    GO111MODULE: 'on',
    GOWORK: 'off',
  };
  const attempt: Go['try'] = async (args, { cwd, env: more }) =>
    run(program, args, { cwd, env: { ...env, ...settings, ...more }, signal });
  return {
    try: attempt,
    run: async (args, options) => {
      const result = await attempt(args, options);
      if (result.code !== 0) throw goFailed(args, result.stderr || result.stdout);
      return result.stdout;
    },
  };
}

export function goFailed(args: readonly string[], said: string): GofleetError {
  const lines = said.trim().split('\n');
  return new GofleetError('go_failed', `go ${args.join(' ')}: ${lines.slice(-5).join('; ')}`, {
    remedy: 'Run it by hand in the project; when it works there, build again.',
    details: { said: lines.slice(-50) },
  });
}
