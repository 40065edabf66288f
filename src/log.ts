// One JSON line a fact. Fields are ids, codes, counts and times; tokens, addresses and texts never.
import { pino } from 'pino';

export type LogFields = Record<string, string | number | boolean | null | undefined>;
export type Log = Record<'debug' | 'info' | 'warn' | 'error', (fields: LogFields, message: string) => void>;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes JSON lines to standard output. Never throws. */
export function createLog(level: LogLevel): Log {
  const writer = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  return {
    debug: (fields, message) => writer.debug(fields, message),
    info: (fields, message) => writer.info(fields, message),
    warn: (fields, message) => writer.warn(fields, message),
    error: (fields, message) => writer.error(fields, message),
  };
}

/** The same log, with `fields` in every line: a line's own win. */
export function withFields(log: Log, fields: LogFields): Log {
  return {
    debug: (own, message) => log.debug({ ...fields, ...own }, message),
    info: (own, message) => log.info({ ...fields, ...own }, message),
    warn: (own, message) => log.warn({ ...fields, ...own }, message),
    error: (own, message) => log.error({ ...fields, ...own }, message),
  };
}

/** What of an unknown error may be logged: its name and code. The message may hold an address or a text, so it stays out. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const cause = error.cause instanceof Error ? error.cause.name : undefined;
  // Of the stack only its frames: the message stands in it too, over as many lines as it has.
  const trace = error.stack?.replace(error.message, '') ?? '';
  const frames = trace.split('\n').filter((line) => /^ {4}at /.test(line));
  const stack = frames.slice(0, 3).join(' ').replace(/\s+/g, ' ').trim();
  return { error: error.name, code, cause, stack };
}
