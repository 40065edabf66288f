// The environment, read once: process.env -> frozen Config. The only reader of process.env.
import type { LogLevel } from './log.ts';

export type TokenKey = { id: string /** 32 bytes */; key: Buffer };

export type Config = Readonly<{
  production: boolean;
  port: number;
  /** Origin without a trailing slash: what HubSpot calls, signs and redirects to. */
  publicUrl: string;
  databaseUrl: string;
  hubspot: Readonly<{ clientId: string; clientSecret: string; appId: string; apiUrl: string; appUrl: string }>;
  /** The first encrypts, all decrypt. */
  tokenKeys: readonly TokenKey[];
  sessionSecret: string;
  metricsToken: string | undefined;
  /** cron expression, seconds allowed */
  sweepSchedule: string;
  metricsPort: number | undefined;
  logLevel: LogLevel;
}>;
