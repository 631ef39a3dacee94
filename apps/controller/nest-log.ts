import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's own lines as lines of our log; its chatter about modules and routes only at `debug`. */
export function nestLog(log: Logger): LoggerService {
  const line =
    (level: 'debug' | 'warn' | 'error') =>
    (message: unknown, ...rest: unknown[]) => {
      log[level]({ nest: rest.filter((each) => typeof each === 'string') }, String(message));
    };
  return { log: line('debug'), debug: line('debug'), warn: line('warn'), error: line('error') };
}
