// Ids of messages, comments and sends: as long as HubSpot's, and the same for the same seed and the same calls.
import { createHash } from 'node:crypto';
import type { World } from './world.ts';

/** Counted in the state, so that no id comes twice after a restart. */
function makeHex({ state, seed }: World): string {
  const count = (state.lastIds.items ?? 0) + 1;
  state.lastIds.items = count;
  return createHash('sha256').update(`${seed}:${count}`).digest('hex').slice(0, 32);
}

/** Incoming ids and ids of the API come dashed, agent-sent ones undashed (samples thread-messages, thread-send). */
export const undashedId = (world: World): string => makeHex(world);

export function dashedId(world: World): string {
  // Version 4 and its variant, as a reader of such ids may check.
  return makeHex(world).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5');
}
