// Stage moves by batch update, each with the exact outcome HubSpot gave it; nothing here is ever sent twice on a guess.
import type { BatchInputSimplePublicObjectBatchInput } from '@hubspot/api-client/lib/codegen/crm/objects/index.js';
import { BatonError } from '../errors.ts';
import { chunk, readEach } from './answers.ts';
import { describeBody } from './failures.ts';
import type { MoveOutcome, StageMove } from './gateway.ts';
import { batchAnswer, type CrmObject, crmObject } from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

type Outcomes = Map<string, MoveOutcome>;
type Sent = { ok: true; body: unknown } | { ok: false; error: BatonError };

/** See PortalGateway.moveTickets. Sends `hs_pipeline_stage` and nothing else. */
export async function moveTickets(client: PortalClient, moves: StageMove[], now: () => Date): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const unique = [...new Map(moves.map((move) => [move.ticketId, move])).values()];
  for (const part of chunk(unique, 100)) {
    const stop = await moveChunk(client, part, outcomes, now);
    if (!stop) continue;
    if (outcomes.size === 0) throw stop;
    for (const move of unique)
      if (!outcomes.has(move.ticketId)) outcomes.set(move.ticketId, { ok: false, error: stop });
    break;
  }
  return outcomes;
}

/** Fills in the outcomes of a chunk; answers the error that stands in the way of this and all further moves. */
async function moveChunk(
  client: PortalClient,
  moves: StageMove[],
  outcomes: Outcomes,
  now: () => Date,
): Promise<BatonError | undefined> {
  const body: BatchInputSimplePublicObjectBatchInput = {
    // The trace id names the input in a partial failure (error-handling page, DATA.md 4).
    inputs: moves.map(({ ticketId, stageId }) => ({
      id: ticketId,
      objectWriteTraceId: ticketId,
      properties: { hs_pipeline_stage: stageId },
    })),
  };
  const sent = await attempt(() => client.write({ method: 'POST', path: paths.batchUpdate('tickets'), body }));
  if (sent.ok) {
    readOutcomes(sent.body, moves, outcomes, now());
    return undefined;
  }
  // A batch with one bad input fails whole (DATA.md 4): nothing was written, so each is tried alone.
  if (isRefusal(sent.error)) return moveOneByOne(client, moves, outcomes, now);
  if (sent.error.code !== 'hubspot-unknown-outcome') return sent.error;
  for (const move of moves) outcomes.set(move.ticketId, { ok: false, error: sent.error });
  return undefined;
}

async function moveOneByOne(
  client: PortalClient,
  moves: StageMove[],
  outcomes: Outcomes,
  now: () => Date,
): Promise<BatonError | undefined> {
  for (const { ticketId, stageId } of moves) {
    const path = paths.object('tickets', ticketId);
    const body = { properties: { hs_pipeline_stage: stageId } };
    const sent = await attempt(() => client.write({ method: 'PATCH', path, body }));
    if (sent.ok) {
      const object = crmObject.safeParse(sent.body);
      outcomes.set(ticketId, { ok: true, at: (object.success && object.data.updatedAt) || now() });
    } else if (isRefusal(sent.error) || sent.error.code === 'hubspot-unknown-outcome') {
      outcomes.set(ticketId, sent);
    } else {
      return sent.error;
    }
  }
  return undefined;
}

/** 200 or 207. Results are not promised in input order: joined by id (DATA.md 4). */
function readOutcomes(body: unknown, moves: StageMove[], outcomes: Outcomes, now: Date): void {
  const answer = batchAnswer.safeParse(body);
  const written = new Map<string, CrmObject>();
  for (const object of readEach(crmObject, (answer.data?.results ?? []) as unknown[]).read)
    written.set(object.id, object);
  const errors = answer.data?.errors ?? [];
  const named = new Map(errors.flatMap((error) => idsOf(error).map((ticketId) => [ticketId, error])));
  const left = moves.filter((move) => !written.has(move.ticketId) && !named.has(move.ticketId));
  const nameless = errors.filter((error) => idsOf(error).length === 0);
  for (const { ticketId } of moves) {
    const object = written.get(ticketId);
    // One error without an id and one input without an outcome belong together; more cannot be told apart.
    const error = named.get(ticketId) ?? (left.length === 1 && nameless.length === 1 ? nameless[0] : undefined);
    if (object) outcomes.set(ticketId, { ok: true, at: object.updatedAt ?? now });
    else if (error) outcomes.set(ticketId, { ok: false, error: describeInput(error) });
    else outcomes.set(ticketId, { ok: false, error: new BatonError('hubspot-unknown-outcome') });
  }
}

/** Where HubSpot may name the input: `context.objectWriteTraceId` (documented), `context.ids`, `context.id`, `id`. */
function idsOf(error: Record<string, unknown>): string[] {
  const context = (typeof error.context === 'object' && error.context) || {};
  const { objectWriteTraceId, ids, id } = context as Record<string, unknown>;
  return [objectWriteTraceId, ids, id].flat().flatMap((value) => (value == null ? [] : String(value)));
}

function describeInput(error: Record<string, unknown>): BatonError {
  const category = `${error.category} ${error.subCategory}`;
  if (category.includes('NOT_FOUND')) return new BatonError('hubspot-not-found');
  return new BatonError('hubspot-refused', { detail: describeBody(error) });
}

function isRefusal(error: BatonError): boolean {
  return error.code === 'hubspot-refused' || error.code === 'hubspot-not-found';
}

async function attempt(write: () => Promise<unknown>): Promise<Sent> {
  try {
    return { ok: true, body: await write() };
  } catch (error) {
    if (error instanceof BatonError) return { ok: false, error };
    throw error;
  }
}
