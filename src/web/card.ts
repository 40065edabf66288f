// What the ticket card in HubSpot asks for: the last decisions about a ticket, for whoever HubSpot says is looking.
import express, { type Request, type Router } from 'express';
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { PipelineCache } from '../hubspot/pipeline-cache.ts';
import { verifySignature } from '../hubspot/signature.ts';
import type { Log } from '../log.ts';
import { nameStages, readPipelines } from './pages/portal-pipelines.ts';
import { tellRecord } from './pages/story.ts';
import { printRecord } from './record-json.ts';
import { languages, words } from './words/words.ts';

type Parts = {
  config: Config;
  db: Pick<Db, 'portals' | 'records'>;
  pipelines: PipelineCache;
  log: Log;
  now: () => Date;
};

/** As many as fit into HubSpot's side bar without scrolling far. */
const recordsOnCard = 10;
const labelsMaxAgeMs = 600_000;

// 18 digits always fit PostgreSQL's bigint.
const id = (what: string) => z.string(what).regex(/^\d{1,18}$/, what);
/** `portalId`, `userId`, `userEmail` and `appId` are HubSpot's own, under its signature (PLATFORM.md 6.4). */
const querySchema = z.object({
  ticketId: id('one ticket id, 1 to 18 digits'),
  portalId: id('one portal id, 1 to 18 digits'),
  appId: z.string('one app id').optional(),
  after: id('the `next` of an earlier answer').optional(),
  lang: z.enum(languages).catch('en'),
});

/** GET /hubspot/card. 401 without HubSpot's signature, 404 for a portal that has not installed Baton. */
export function createCardRoutes({ config, db, pipelines, log, now }: Parts): Router {
  const router = express.Router();
  router.get('/hubspot/card', async (req, res) => {
    requireSignature(config, req, now());
    const query = querySchema.safeParse(req.query);
    if (!query.success) {
      const detail = query.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}.`).join(' ');
      throw new BatonError('bad-request', { detail });
    }
    const { portalId, ticketId, after, appId, lang } = query.data;
    // The client secret is this app's alone, so that another app's id under its signature is a mistake to be told.
    if (appId !== undefined && appId !== config.hubspot.appId) throw new BatonError('bad-signature');
    const portal = await db.portals.findPortal(portalId);
    if (portal?.status !== 'installed') throw new BatonError('not-found');
    const [{ records, next }, known] = await Promise.all([
      db.records.listRecords(portal.id, { ticketId, limit: recordsOnCard, after }),
      readPipelines(pipelines, log, portal.id, labelsMaxAgeMs),
    ]);
    const { nameStage } = nameStages(known, words[lang]);
    res.set('Cache-Control', 'no-store').json({
      ticketId,
      records: records.map(printRecord),
      /** Each record in a sentence, in the same order. */
      sentences: records.map((record) => tellRecord(record, { words: words[lang], nameStage })),
      next,
    });
  });
  return router;
}

function requireSignature(config: Config, req: Request, now: Date): void {
  const check = verifySignature({
    secret: config.hubspot.clientSecret,
    method: req.method,
    url: config.publicUrl + req.originalUrl,
    body: Buffer.alloc(0),
    headers: req.headers,
    now,
  });
  if (!check.ok) throw new BatonError(check.code);
}
