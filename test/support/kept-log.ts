// A log for systems under test: each line, debug ones too, goes into one file of the whole run, which is looked through at its end.
import { appendFileSync } from 'node:fs';
import type { Log, LogFields } from '../../src/log.ts';

export type KeptLine = LogFields & { level: string; message: string };

/** Set by test/support/server.ts; a test file that runs alone keeps nothing. */
const file = process.env.BATON_TEST_LOG;

/** What a started program prints, as it prints it. */
export function keepOutput(text: string): void {
  if (file) appendFileSync(file, text.endsWith('\n') ? text : `${text}\n`);
}

export function createKeptLog(also: (line: KeptLine) => void = () => {}): Log {
  const write = (level: string) => (fields: LogFields, message: string) => {
    keepOutput(JSON.stringify({ ...fields, level, msg: message }));
    also({ level, message, ...fields });
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
