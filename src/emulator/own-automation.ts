// HubSpot's own status automation (DATA.md 8): the portal's toggles that move a ticket when it is written to or answered.
import { findRecord, updateRecord } from './records.ts';
import type { LaterTask, PortalState } from './state.ts';
import type { World } from './world.ts';

/** Plans the move a message causes where the ticket's pipeline has that toggle on. */
export function planOwnMove(
  world: World,
  portal: PortalState,
  ticketId: string,
  direction: 'outgoing' | 'incoming',
): void {
  const ticket = findRecord(portal, 'tickets', ticketId, { followsMerge: true });
  const automation = portal.ownStatusAutomation[ticket?.properties.hs_pipeline ?? ''];
  const stageId = automation?.[direction];
  if (!ticket || !stageId) return;
  const dueAt = world.delayNow() + (automation.delayMs ?? 0);
  world.doLater({ kind: 'own-status', portalId: portal.id, ticketId: ticket.id, stageId, dueAt });
}

/** Makes the planned move, as a workflow does: nothing when the ticket is gone, changed its pipeline or is there already. */
export function makeOwnMove(
  world: World,
  portal: PortalState,
  { ticketId, stageId }: Extract<LaterTask, { kind: 'own-status' }>,
): void {
  const ticket = findRecord(portal, 'tickets', ticketId, { followsMerge: true });
  if (!ticket || ticket.properties.hs_pipeline_stage === stageId) return;
  const pipeline = portal.pipelines.find((candidate) => candidate.id === ticket.properties.hs_pipeline);
  if (!pipeline?.stages.some((stage) => stage.id === stageId)) return;
  // The source of live portals is not in the sheets.
  const source = { type: 'AUTOMATION_PLATFORM', id: 'enrollmentId:1' };
  updateRecord(world, portal, 'tickets', ticket, { properties: { hs_pipeline_stage: stageId }, source });
}
