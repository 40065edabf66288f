// Notes and tasks on the ticket: HubSpot knows no key against making one twice, so each is planned, and looked for before it is made again.
import type { StageAction } from '../../rules/stage-actions.ts';
import { toHtml } from '../../rules/templates.ts';
import { clockSlackMs, hashHtml, hashText } from '../postings.ts';
import { type ActionEnd, type ActionRun, endAction } from './action-run.ts';
import { fillIn } from './action-values.ts';

type AddNote = Extract<StageAction, { kind: 'add-note' }>;
type CreateTask = Extract<StageAction, { kind: 'create-task' }>;

const hourMs = 3_600_000;

export function addNote(run: ActionRun<AddNote>): Promise<ActionEnd> {
  const { batch, entry } = run;
  return make(run, (text) =>
    batch.gateway.createNote({ ticketId: entry.ticketId, html: toHtml(text), at: batch.now() }),
  );
}

export async function createTask(run: ActionRun<CreateTask>): Promise<ActionEnd> {
  const { batch, action, entry } = run;
  const ownerId = await findTaskOwner(run);
  // Counted from the entry, so that a late try makes the same task.
  const dueAt = new Date(entry.enteredAt.getTime() + action.dueInHours * hourMs);
  return make(run, (subject) => batch.gateway.createTask({ ticketId: entry.ticketId, subject, dueAt, ownerId }));
}

async function findTaskOwner({ action, facts, entry }: ActionRun<CreateTask>): Promise<string | null> {
  if (action.owner === 'none') return null;
  if (action.owner !== 'ticket-owner') return action.owner;
  return (await facts.ticketProperties(entry.ticketId)).hubspot_owner_id || null;
}

async function make(run: ActionRun<AddNote | CreateTask>, send: (text: string) => Promise<string>): Promise<ActionEnd> {
  const { batch, action, subject, facts, entry } = run;
  const filled = await fillIn(run);
  if ('end' in filled) return filled.end;
  if (batch.context.settings.shadow) return endAction('shadow');
  const plan = { subject, kind: action.kind, textHash: hashText(filled.text) };
  await batch.db.plannedActions.plan(batch.lease, [plan], batch.leaseMs);
  const madeId = await send(filled.text);
  (await facts.madeFor(entry.ticketId)).add(madeId);
  return endMade(madeId);
}

/** The id tells a later look that this one is taken. */
function endMade(madeId: string): ActionEnd {
  return endAction('done', { evidence: [{ check: 'made', passed: true, seen: madeId }] });
}

/** Looks for the note or task of an earlier try: on the ticket, by this app, since it was planned, with the same text. */
export async function findMadeObject({
  batch,
  action,
  entry,
  facts,
  planned,
}: ActionRun): Promise<ActionEnd | undefined> {
  if (!planned) return undefined;
  const [type, textProperty] =
    action.kind === 'add-note' ? (['notes', 'hs_note_body'] as const) : (['tasks', 'hs_task_subject'] as const);
  const associated = await batch.gateway.readAssociations('tickets', type, [entry.ticketId]);
  const made = await facts.madeFor(entry.ticketId);
  const candidates = (associated.get(entry.ticketId) ?? []).filter((id) => !made.has(id));
  if (candidates.length === 0) return undefined;
  const names = [textProperty, 'hs_createdate', 'hs_object_source', 'hs_object_source_id'];
  const read = await batch.gateway.readProperties(type, candidates, names);
  const since = planned.plannedAt.getTime() - clockSlackMs;
  for (const [id, properties] of read) {
    const ours =
      properties.hs_object_source === 'INTEGRATION' && properties.hs_object_source_id === batch.context.appId;
    const inTime = new Date(properties.hs_createdate ?? 0).getTime() >= since;
    if (!ours || !inTime || hashHtml(properties[textProperty] ?? '') !== planned.textHash) continue;
    made.add(id);
    return endMade(id);
  }
  return undefined;
}
