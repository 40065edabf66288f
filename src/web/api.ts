// The JSON API behind the session: settings, read and saved by version, and records.
import express, { type Request, type RequestHandler, type Router } from 'express';
import { z } from 'zod';
import type { Db } from '../db/open-db.ts';
import { BatonError, errors } from '../errors.ts';
import type { PipelineCache } from '../hubspot/pipeline-cache.ts';
import { parseSettings, type SettingsIssue } from '../rules/settings.ts';
import { refuseOtherMethods } from './error-answers.ts';
import { printRecord } from './record-json.ts';
import { requireApiSession, requireChange, requireCsrfToken, signedIn } from './session.ts';
import { type ContextParts, readSettingsContext } from './settings-context.ts';
import { replaceWebhookSecret } from './webhook-secret.ts';

type Parts = ContextParts & {
  db: Pick<Db, 'settings' | 'records' | 'webhookSecrets' | 'mailboxChecks'>;
  pipelines: PipelineCache;
};

/** What a person sees may be this old; a stage renamed a moment ago is no reason for a call each time. */
const readMaxAgeMs = 60_000;
/** A save is checked against nearly what HubSpot has now: a stage just made must not be refused. */
const saveMaxAgeMs = 5_000;

/** Versions are `integer` in the database, and the next one must fit too. */
const saveSchema = z.strictObject({
  basedOn: z.int().min(0).max(2_147_483_646),
  settings: z
    .unknown()
    .refine(
      (settings) => isStorable(settings),
      'A text holds a character that cannot be stored, or the nesting is too deep.',
    ),
});

/** PostgreSQL's jsonb takes no NUL and no half of a surrogate pair; and nothing is nested deeper than settings ever are. */
function isStorable(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth > 20) return false;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner, depth + 1));
}

const ticketIdWords = 'one ticket id, 1 to 19 digits';
const limitWords = 'a whole number from 1 to 100';
const afterWords = 'the `next` of an earlier answer';
const recordsSchema = z.object({
  // HubSpot's ids and ours are positive numbers of at most 64 bits (PLATFORM.md 2.4).
  ticketId: z
    .string(ticketIdWords)
    .regex(/^\d{1,19}$/, ticketIdWords)
    .optional(),
  limit: z
    .string(limitWords)
    .regex(/^([1-9]\d?|100)$/, limitWords)
    .default('50'),
  after: z
    .string(afterWords)
    .refine((text) => /^\d{1,19}$/.test(text) && BigInt(text) <= 9_223_372_036_854_775_807n, afterWords)
    .optional(),
});

/** Mounted under /api. Without a session every address answers 401, known or not. */
export function createApiRoutes(parts: Parts): Router {
  const router = express.Router();
  router.use(requireApiSession);
  router.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  router.get('/settings', showSettings(parts));
  router.put(
    '/settings',
    requireCsrfToken,
    requireChange,
    requireJson,
    express.json({ limit: '512kb', inflate: false, type: 'application/json' }),
    saveSettings(parts),
  );
  router.get('/records', listRecords(parts));
  router.post('/webhook-secret', requireCsrfToken, requireChange, replaceWebhookSecret(parts));
  router.all('/settings', refuseOtherMethods('GET, HEAD, PUT'));
  router.all('/records', refuseOtherMethods('GET, HEAD'));
  router.all('/webhook-secret', refuseOtherMethods('POST'));
  return router;
}

const requireJson: RequestHandler = (req, _res, next) => {
  const kind = req.is('application/json');
  if (kind === null) next(new BatonError('bad-request', { detail: 'Send a JSON body.' }));
  else next(kind ? undefined : new BatonError('unsupported-content', { detail: 'Send application/json.' }));
};

function showSettings({ db, pipelines }: Parts): RequestHandler {
  return async (_req, res) => {
    const { portal, csrfToken } = signedIn(res);
    const [current, known] = await Promise.all([
      db.settings.getSettings(portal.id),
      pipelines.get(portal.id, { maxAgeMs: readMaxAgeMs }),
    ]);
    res.json({
      portal: { id: portal.id, domain: portal.domain, uiDomain: portal.uiDomain, timeZone: portal.timeZone },
      version: current.version,
      settings: current.settings,
      pipelines: known.pipelines.map(({ id, label, stages }) => ({
        id,
        label,
        stages: stages.map((stage) => ({ id: stage.id, label: stage.label, closed: stage.closed })),
      })),
      csrfToken,
    });
  };
}

function saveSettings(parts: Parts): RequestHandler {
  return async (req, res) => {
    const { db, pipelines } = parts;
    const { portal, userId } = signedIn(res);
    const body = saveSchema.safeParse(req.body);
    if (!body.success) {
      const issues = body.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      return void res.status(422).json(describeIssues(issues));
    }
    const [known, context] = await Promise.all([
      pipelines.get(portal.id, { maxAgeMs: saveMaxAgeMs }),
      readSettingsContext(parts, portal.id),
    ]);
    const parsed = parseSettings(body.data.settings, known.pipelines, context);
    if ('issues' in parsed) return void res.status(422).json(describeIssues(parsed.issues));
    const { basedOn } = body.data;
    const saved = await db.settings.saveSettings(portal.id, { basedOn, settings: parsed.settings, author: userId });
    if (saved.saved) res.json({ version: saved.version });
    else res.status(409).json({ ...describeCode('settings-conflict'), version: saved.version });
  };
}

function listRecords({ db }: Parts): RequestHandler {
  return async (req, res) => {
    const { portal } = signedIn(res);
    const { records, next } = await db.records.listRecords(portal.id, readQuery(req));
    res.json({ records: records.map(printRecord), next });
  };
}

function readQuery(req: Request): { ticketId?: string; limit: number; after?: string } {
  const query = recordsSchema.safeParse(req.query);
  if (query.success) return { ...query.data, limit: Number(query.data.limit) };
  const detail = query.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}.`).join(' ');
  throw new BatonError('bad-request', { detail });
}

function describeCode(code: 'settings-conflict' | 'settings-invalid') {
  return { error: { code, message: errors[code].sentence } };
}

function describeIssues(issues: SettingsIssue[]) {
  const { error } = describeCode('settings-invalid');
  return { error: { ...error, issues } };
}
