// Set-up of a whole test run (node --test-global-setup): one PostgreSQL for every test file, unless DATABASE_URL names one; and at its end
// every line that was logged is looked through for what may never be in a log.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from './database.ts';
import { findLeaks } from './log-leaks.ts';

let server: TestServer | undefined;
let logFolder: string | undefined;

export async function globalSetup(): Promise<void> {
  logFolder = mkdtempSync(join(tmpdir(), 'baton-log-'));
  process.env.BATON_TEST_LOG = join(logFolder, 'lines');
  if (process.env.DATABASE_URL) return;
  server = await startTestServer();
  process.env.DATABASE_URL = server.url; // the test processes inherit it
}

export async function globalTeardown(): Promise<void> {
  await server?.stop();
  if (!logFolder || !process.env.BATON_TEST_LOG) return;
  const leaks = findLeaks(readLines(process.env.BATON_TEST_LOG));
  rmSync(logFolder, { recursive: true });
  if (leaks.length === 0) return;
  console.error(`The run logged what may never be logged:\n${leaks.slice(0, 20).join('\n')}`);
  process.exit(1);
}

/** A run without a test that logs has no file. */
function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
