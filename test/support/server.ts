// Set-up of a whole test run (node --test-global-setup): one PostgreSQL for every test file, unless DATABASE_URL names one.
import { startTestServer, type TestServer } from './database.ts';

let server: TestServer | undefined;

export async function globalSetup(): Promise<void> {
  if (process.env.DATABASE_URL) return;
  server = await startTestServer();
  process.env.DATABASE_URL = server.url; // the test processes inherit it
}

export async function globalTeardown(): Promise<void> {
  await server?.stop();
}
