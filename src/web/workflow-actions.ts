// What HubSpot's workflows ask of Baton: the call is checked and put into the inbox, and the worker does it.
import express, { type Router } from 'express';
import type { Config } from '../config.ts';
import type { Event, WorkflowNotification } from '../crm.ts';
import { unpackEvent } from '../db/events.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import { verifyActionSignature } from '../hubspot/signature.ts';
import { parseWorkflowCall, type WorkflowCall } from '../hubspot/workflow-calls.ts';
import type { Log } from '../log.ts';
import { stageAction } from '../rules/stage-actions.ts';
import type { IntakeLimit } from './intake-limit.ts';

/** As the components in hubspot/src/app/workflow-actions call them. */
export const workflowActionNames = ['send-notification', 'decide-ticket'] as const;

const maxBytes = 1024 * 1024;

type Parts = { config: Config; db: Pick<Db, 'events'>; intake: IntakeLimit; log: Log; now: () => Date };
/** `mistake` = what the admin has to change in the workflow. */
type Wanted = Pick<Event, 'kind' | 'notification'> | { mistake: string };

/**
 * POST /hubspot/workflow-actions/:name. SUCCESS once the call is stored, FAIL_CONTINUE with words for what an admin has to change in
 * the workflow; 400 for what is no call, 401 without HubSpot's signature, 404 for an unknown name or portal, 503 without the database.
 * A v2 signature has no time, so a call may be replayed: its callbackId lets it do nothing twice. Never calls HubSpot.
 */
export function createWorkflowActionRoutes({ config, db, intake, log, now }: Parts): Router {
  const router = express.Router();
  router.post(
    '/hubspot/workflow-actions/:name',
    intake.countBody,
    express.raw({ type: () => true, limit: maxBytes, inflate: false }),
    async (req, res) => {
      const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
      const check = verifyActionSignature({
        secret: config.hubspot.clientSecret,
        method: req.method,
        url: config.publicUrl + req.originalUrl,
        body,
        headers: req.headers,
        now: now(),
      });
      if (!check.ok) throw new BatonError(check.code);
      const name = workflowActionNames.find((one) => one === req.params.name);
      if (!name) throw new BatonError('not-found');
      const call = parseWorkflowCall(body);
      const { portalId } = call;
      const wanted = call.isTicket ? readWanted(name, call) : { mistake: 'This action is for tickets only.' };
      res.set('Cache-Control', 'no-store');
      if ('mistake' in wanted) {
        log.info({ portalId, action: name }, 'a workflow asked for what cannot be done as it is set up');
        res.json({ outputFields: { hs_execution_state: 'FAIL_CONTINUE', errorMessage: wanted.mistake } });
        return;
      }
      if (res.headersSent) return;
      const event = { ...toEvent(call, wanted, now()), deliveryId: String(res.locals.correlationId) };
      // HubSpot repeats what was not answered for three days (PLATFORM.md 7.3); a store that comes late is ignored by its key.
      const { notInstalled } = await intake.admit(body.length, () => db.events.store([event]));
      if (notInstalled > 0) throw new BatonError('not-found');
      res.json({ outputFields: { hs_execution_state: 'SUCCESS' } });
    },
  );
  return router;
}

function toEvent({ key, portalId, objectId }: WorkflowCall, wanted: Exclude<Wanted, { mistake: string }>, now: Date) {
  const subscriptionType = 'baton.workflow';
  return unpackEvent(portalId, { ...wanted, key, subscriptionType, occurredAt: now.toISOString(), ticketId: objectId });
}

function readWanted(name: (typeof workflowActionNames)[number], { inputFields }: WorkflowCall): Wanted {
  if (name === 'decide-ticket') return { kind: 'workflow-look' };
  const { via } = inputFields;
  const given =
    via === 'transactional'
      ? { via, emailId: readNumber(inputFields.emailId) }
      : { via, senderUserId: readText(inputFields.senderUserId), body: inputFields.body };
  const read = stageAction.safeParse({ id: 'workflow', kind: 'send-notification', ...given });
  if (!read.success) {
    const issues = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    return { mistake: [...new Set(issues)].join(' ') };
  }
  const { id: _id, kind: _kind, ...notification } = read.data;
  return holdsUnkept(inputFields.body)
    ? { mistake: 'body: Write the text anew: it holds characters that cannot be kept.' }
    : { kind: 'workflow-notification', notification: notification as WorkflowNotification };
}

/** HubSpot gives numbers as such or as text. */
function readNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value;
}

function readText(value: unknown): unknown {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : value;
}

/** PostgreSQL's JSON takes no NUL and no half of a surrogate pair. */
function holdsUnkept(text: unknown): boolean {
  return typeof text === 'string' && (text.includes('\0') || !text.isWellFormed());
}
