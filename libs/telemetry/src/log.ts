import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

/** Lines as JSON; pretty where a person looks at a terminal. Fields that could hold a secret are cut. */
export function createLogger(service: string, options: { readonly level?: string; readonly terminal?: boolean } = {}): Logger {
  const settings = {
    name: service,
    level: options.level ?? 'info',
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
  return options.terminal === true ? pino(settings, pretty({ colorize: true, ignore: 'service,pid,hostname' })) : pino(settings);
}
