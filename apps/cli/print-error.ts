import { GofleetError, isGofleetError, type Fault } from '#errors';
import { actionLines } from './rollout/action-lines.ts';
import type { Terminal } from './terminal/terminal.ts';

/**
 * What happened, every fault with file and line, what to do about it. Details that the CLI itself sets: `file`, the file whose
 * text the faults are of; `rollout`, the id whose verbs are allowed.
 */
export function printError(error: GofleetError, terminal: Terminal, again: string): void {
  if (terminal.json) terminal.err(JSON.stringify(errorJson(error)));
  else for (const line of errorLines(error, again)) terminal.err(line);
}

export function errorLines(error: GofleetError, again = ''): string[] {
  const { file, allowedActions, rollout } = error.details;
  return [
    `error: ${error.message} (${error.code})`,
    ...error.errors.map((fault) => `  ${faultText(fault, text(file))}`),
    ...(error.remedy ? [`remedy: ${error.remedy}`] : []),
    ...(Array.isArray(allowedActions) && allowedActions.length > 0
      ? [
          'allowed now:',
          ...actionLines(allowedActions.map(String), text(rollout) ?? 'ID', { again }),
        ]
      : []),
    ...(error.code === 'internal' ? causeLines(error) : []),
  ];
}

/**
 * `plan.yaml:12: strategy.batches[0].size: must be at least 1`. Without a file the path of a fault with a line is itself a file,
 * as inventories name them.
 */
export function faultText({ path, line, message }: Fault, file: string | undefined): string {
  const place = (at: string) => (line === undefined ? at : `${at}:${line}`);
  const parts = file === undefined ? [place(path)] : [place(file), path];
  return [...parts, message].filter((part) => part !== '').join(': ');
}

export function errorJson(error: GofleetError): Record<string, unknown> {
  const { code, message, remedy, errors, details } = error;
  return { code, detail: message, remedy, errors, ...details };
}

function causeLines({ cause }: GofleetError): string[] {
  return cause instanceof Error && cause.stack && !isGofleetError(cause)
    ? cause.stack.split('\n').slice(1, 6)
    : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The same error, with what the CLI knows besides. */
export function withDetails(error: GofleetError, details: Record<string, unknown>): GofleetError {
  return new GofleetError(error.code, error.message, {
    remedy: error.remedy,
    retryable: error.retryable,
    errors: error.errors,
    details: { ...error.details, ...details },
    cause: error,
  });
}
