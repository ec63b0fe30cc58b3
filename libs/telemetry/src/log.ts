import type { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { loggedError } from './logged-error.js';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly level?: string;
  readonly terminal?: boolean;
  /** Where the lines go instead of standard output. */
  readonly destination?: Writable;
}

/** Lines as JSON; pretty where a person looks at a terminal. Fields that could hold a secret are cut, and of `err` only that is told which holds no value. */
export function createLogger(service: string, options: LoggerOptions = {}): Logger {
  const settings = {
    name: service,
    level: options.level ?? 'info',
    serializers: { err: loggedError },
    redact: {
      paths: [
        'password',
        '*.password',
        'token',
        '*.token',
        'secret',
        '*.secret',
        'authorization',
        '*.authorization',
        '*.headers.authorization',
      ],
      censor: '***',
    },
    base: { service },
  };
  if (options.destination !== undefined) return pino(settings, options.destination);
  return options.terminal === true ? pino(settings, pretty({ colorize: true, ignore: 'service,pid,hostname' })) : pino(settings);
}
