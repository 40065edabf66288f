// The environment, read once: process.env -> frozen Config. The only reader of process.env.
import { validate as isCron } from 'node-cron';
import { z } from 'zod';
import { BatonError } from './errors.ts';
import { type LogLevel, logLevels } from './log.ts';

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

/** `start` = web and worker in one process, with an embedded default for what is missing outside production. */
export const commands = ['start', 'web', 'worker', 'migrate'] as const;
export type Command = (typeof commands)[number];
export type Environment = Readonly<Record<string, string | undefined>>;

/** What README.md, app.json and this program say of each variable; test/config.test.ts keeps the three equal. */
export const variables = {
  PORT: { means: 'the port the web half listens on', fallback: '3000' },
  PUBLIC_URL: {
    means: 'the origin HubSpot calls and signs, without a path; https in production',
    fallback: 'http://localhost:PORT',
  },
  DATABASE_URL: { means: 'PostgreSQL 15 or newer, as postgres://user:password@host:port/database' },
  HUBSPOT_CLIENT_ID: { means: "the client ID of the app (HubSpot, the project's Auth tab)" },
  HUBSPOT_CLIENT_SECRET: { means: 'the client secret of the app (same tab); it also proves what HubSpot sends' },
  HUBSPOT_APP_ID: { means: 'the ID of the app, digits only (same tab)' },
  HUBSPOT_API_URL: { means: "the origin of HubSpot's API", fallback: 'https://api.hubapi.com' },
  HUBSPOT_APP_URL: {
    means: "the origin of HubSpot's pages; /oauth/authorize is under it",
    fallback: 'https://app.hubspot.com',
  },
  TOKEN_KEYS: {
    means: 'id:key pairs, comma-separated, each key the base64 of 32 random bytes; the first encrypts, all decrypt',
  },
  SESSION_SECRET: { means: 'signs the session cookie; at least 32 characters in production' },
  METRICS_TOKEN: { means: 'the bearer token /metrics asks for; without it /metrics is open', optional: true },
  SWEEP_SCHEDULE: {
    means: 'when to look for messages no webhook told of: cron, seconds allowed as a sixth field in front',
    fallback: '*/5 * * * *',
  },
  METRICS_PORT: {
    means: "a worker's own port for /ready and /metrics; without it a worker listens on nothing",
    optional: true,
  },
  LOG_LEVEL: { means: `how much to log: ${logLevels.join(', ')}`, fallback: 'info' },
} as const satisfies Record<string, { means: string; fallback?: string; optional?: true }>;
export type Variable = keyof typeof variables;

// Every message says what the value should be and none repeats it: a value may be a secret.
const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .pipe(z.number().min(1).max(65_535));
const origin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && ['http:', 'https:'].includes(url.protocol) && url.pathname === '/' && !url.search && !url.hash;
  if (plain && !url.username && !url.password) return url.origin;
  context.addIssue('not an origin');
  return z.NEVER;
});
const databaseUrl = z.string().refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol));
const tokenKeys = z.string().transform((text, context) => {
  const keys = text.split(',').map((pair): TokenKey => {
    const [, id = '', encoded = ''] = /^\s*([\w.-]{1,32}):([A-Za-z0-9+/]+={0,2})\s*$/.exec(pair) ?? [];
    return { id, key: Buffer.from(encoded, 'base64') };
  });
  if (keys.every(({ id, key }) => id && key.length === 32) && new Set(keys.map(({ id }) => id)).size === keys.length)
    return keys;
  context.addIssue('not keys');
  return z.NEVER;
});
const word = z.string().regex(/^[\x21-\x7e]+$/);

const readers = {
  PORT: { schema: port, should: 'a port from 1 to 65535' },
  PUBLIC_URL: { schema: origin, should: 'an origin such as https://baton.example.com' },
  DATABASE_URL: { schema: databaseUrl, should: 'a URL such as postgres://user:password@host:5432/baton' },
  HUBSPOT_CLIENT_ID: { schema: word, should: "the client ID of the project's Auth tab in HubSpot" },
  HUBSPOT_CLIENT_SECRET: { schema: word, should: "the client secret of the project's Auth tab in HubSpot" },
  HUBSPOT_APP_ID: { schema: z.string().regex(/^\d{1,19}$/), should: "the app's ID, digits only" },
  HUBSPOT_API_URL: { schema: origin, should: 'an origin such as https://api.hubapi.com' },
  HUBSPOT_APP_URL: { schema: origin, should: 'an origin such as https://app.hubspot.com' },
  TOKEN_KEYS: {
    schema: tokenKeys,
    should: 'id:key pairs, comma-separated, ids different, each key the base64 of 32 bytes',
  },
  SESSION_SECRET: { schema: z.string(), should: 'a long random text' },
  METRICS_TOKEN: { schema: word, should: 'one word without spaces' },
  SWEEP_SCHEDULE: { schema: z.string().refine(isCron), should: 'a cron expression such as */5 * * * *' },
  METRICS_PORT: { schema: port, should: 'a port from 1 to 65535' },
  LOG_LEVEL: { schema: z.enum(logLevels), should: `one of ${logLevels.join(', ')}` },
} as const satisfies Record<Variable, { schema: z.ZodType; should: string }>;

type Value<V extends Variable> = z.output<(typeof readers)[V]['schema']>;

function createReader(environment: Environment) {
  const problems: string[] = [];
  // Compose files and dashboards pass an unset variable as an empty one.
  const given = (name: Variable): string | undefined => environment[name]?.trim() || undefined;
  function optional<V extends Variable>(name: V, fallback?: string): Value<V> | undefined {
    const text = given(name) ?? fallback;
    if (text === undefined) return undefined;
    const parsed = readers[name].schema.safeParse(text);
    if (parsed.success) return parsed.data as Value<V>;
    problems.push(`${name} should be ${readers[name].should}`);
    return undefined;
  }
  /** What is wrong is told by `finish`, all at once; until then a wrong value reads as undefined in disguise. */
  function required<V extends Variable>(name: V, fallback?: string): Value<V> {
    if ((given(name) ?? fallback) === undefined)
      problems.push(`${name} is missing: it should be ${readers[name].should}`);
    return optional(name, fallback) as Value<V>;
  }
  function finish(): void {
    if (problems.length > 0) throw new BatonError('wrong-configuration', { detail: `${problems.join('; ')}.` });
  }
  return { given, optional, required, problems, finish };
}

function isProduction(environment: Environment, problems: string[]): boolean {
  const mode = environment.NODE_ENV ?? '';
  if (!['', 'production', 'development', 'test'].includes(mode)) {
    problems.push('NODE_ENV should be production, development, test or nothing'); // "prod" must not run as a demo
  }
  return mode === 'production';
}

/**
 * Reads and checks everything the web half and the worker need. Throws `wrong-configuration` whose detail names each
 * variable that is missing or wrong and what it should be, on one line; it never repeats a value.
 */
export function readConfig(environment: Environment, command: Exclude<Command, 'migrate'>): Config {
  const { optional, required, problems, finish } = createReader(environment);
  const production = isProduction(environment, problems);
  const portNumber = required('PORT', variables.PORT.fallback);
  const config: Config = {
    production,
    port: portNumber,
    publicUrl: required('PUBLIC_URL', production ? undefined : `http://localhost:${portNumber ?? 3000}`),
    databaseUrl: required('DATABASE_URL'),
    hubspot: Object.freeze({
      clientId: required('HUBSPOT_CLIENT_ID'),
      clientSecret: required('HUBSPOT_CLIENT_SECRET'),
      appId: required('HUBSPOT_APP_ID'),
      apiUrl: required('HUBSPOT_API_URL', variables.HUBSPOT_API_URL.fallback),
      appUrl: required('HUBSPOT_APP_URL', variables.HUBSPOT_APP_URL.fallback),
    }),
    tokenKeys: required('TOKEN_KEYS'),
    sessionSecret: required('SESSION_SECRET'),
    metricsToken: optional('METRICS_TOKEN'),
    sweepSchedule: required('SWEEP_SCHEDULE', variables.SWEEP_SCHEDULE.fallback),
    metricsPort: optional('METRICS_PORT'),
    logLevel: required('LOG_LEVEL', variables.LOG_LEVEL.fallback),
  };
  if (production) problems.push(...findUnsafe(config));
  if (command === 'start' && config.metricsPort !== undefined && config.metricsPort === portNumber) {
    problems.push('METRICS_PORT should differ from PORT');
  }
  finish();
  return Object.freeze(config);
}

function* findUnsafe(config: Config): Generator<string> {
  const plain = (url: string | undefined) => url?.startsWith('http:');
  if (plain(config.publicUrl)) yield 'PUBLIC_URL should be https in production';
  if (plain(config.hubspot.apiUrl)) yield 'HUBSPOT_API_URL should be https in production';
  if (plain(config.hubspot.appUrl)) yield 'HUBSPOT_APP_URL should be https in production';
  if ((config.sessionSecret?.length ?? 32) < 32)
    yield 'SESSION_SECRET should have at least 32 characters in production';
}

/** What `migrate` needs, and no more: a release step may run before the rest is set. Throws as readConfig. */
export function readMigrateConfig(environment: Environment): Pick<Config, 'databaseUrl' | 'logLevel'> {
  const { required, finish } = createReader(environment);
  const config = {
    databaseUrl: required('DATABASE_URL'),
    logLevel: required('LOG_LEVEL', variables.LOG_LEVEL.fallback),
  };
  finish();
  return config;
}

/** Which parts `npm start` has to bring along. */
export type Missing = Readonly<{ database: boolean; hubspot: boolean; tokenKeys: boolean; sessionSecret: boolean }>;

export type StartConfig = { config: Config; missing: Missing };

/** Valid, so that the rest is checked before anything is started; src/demo replaces every one of them. */
const standIns = {
  database: { DATABASE_URL: 'postgres://embedded' },
  hubspot: { HUBSPOT_CLIENT_ID: 'embedded', HUBSPOT_CLIENT_SECRET: 'embedded', HUBSPOT_APP_ID: '1' },
  tokenKeys: { TOKEN_KEYS: `embedded:${Buffer.alloc(32).toString('base64')}` },
  sessionSecret: { SESSION_SECRET: 'embedded' },
} as const satisfies Record<keyof Missing, Partial<Record<Variable, string>>>;

/**
 * For `npm start`: the config, and which parts of it are stand-ins because the environment does not name them; none in
 * production. Throws as readConfig, and when HUBSPOT_CLIENT_ID is absent but another variable of HubSpot's is set: half
 * an app is a mistake, not a wish for the emulator.
 */
export function readStartConfig(environment: Environment): StartConfig {
  const { given, problems, finish } = createReader(environment);
  const production = isProduction(environment, problems);
  const lacks = (name: Variable) => !production && given(name) === undefined;
  const missing: Missing = {
    database: lacks('DATABASE_URL'),
    hubspot: lacks('HUBSPOT_CLIENT_ID'),
    tokenKeys: lacks('TOKEN_KEYS'),
    sessionSecret: lacks('SESSION_SECRET'),
  };
  const others = (Object.keys(variables) as Variable[]).filter((name) => name.startsWith('HUBSPOT_') && given(name));
  if (missing.hubspot && others.length > 0) {
    problems.push(
      `HUBSPOT_CLIENT_ID is missing while ${others.join(', ')} is set: set all of them, or none for the emulator`,
    );
  }
  finish();
  const filled = Object.assign(
    {},
    environment,
    ...(Object.keys(standIns) as (keyof Missing)[]).map((part) => missing[part] && standIns[part]),
  );
  return { config: readConfig(filled, 'start'), missing };
}

/** The process's own environment. The one place that touches process.env; tests pass an object of their own instead. */
export function readEnvironment(): Environment {
  return process.env;
}
