/** The log: one JSON object a line. Redaction lives here and nowhere else. */
import pino, { type DestinationStream, type Logger } from 'pino';
import { scrubLine } from './redaction.ts';

export type { Logger };

/** The levels, from quiet to loud. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
/** How much is written. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * What may wait for a reader of the log. Then lines are dropped and counted: a log that nobody reads, or a full disk
 * behind it, must not hold up a call.
 */
const MOST_UNWRITTEN_BYTES = 1024 * 1024;

/**
 * Makes the service's logger. Every line passes the redaction just before it is written, whatever way its parts came
 * in: fields, bindings of a child, an error's message and stack, or the text itself.
 * @param options.level lines below it are not written
 * @param options.destination where lines go; standard output when absent
 */
export function createLogger(options: { level: LogLevel; destination?: DestinationStream }): Logger {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.errWithCause, error: pino.stdSerializers.errWithCause },
    hooks: { streamWrite: scrubLine },
  };
  if (options.destination) return pino(settings, options.destination);
  const output = pino.destination({ dest: 1, sync: false, maxLength: MOST_UNWRITTEN_BYTES });
  const log = pino(settings, output);
  let dropped = 0;
  output.on('drop', () => {
    dropped += 1;
  });
  output.on('drain', () => {
    if (dropped > 0) log.warn({ dropped }, 'nobody took the log in time; lines were dropped');
    dropped = 0;
  });
  return log;
}
