// The statements of src/db that are sent for all portals.

/** What is sent for all portals: file and function, and why one portal is not enough. */
export const overPortals: Record<string, string> = {
  'backlog.ts readBacklog': 'metrics count what waits, whose ever it is',
  'events.ts store': 'a delivery of HubSpot may carry events of several portals, and is stored whole or not at all',
  'events.ts forgetSeen': 'a day slot is emptied for all at once',
  'lanes.ts claimLanes': 'a worker asks which portal has something due',
  'portals.ts listInstalled': 'the list of portals itself',
  'retention.ts listPortals': 'which portals have something to forget, or to be erased',
  'sweeps.ts forgetTicks': 'ticks belong to no portal',
  'sweeps.ts claimTick': 'ticks belong to no portal',
  'sweeps.ts startSweep': 'a tick starts a sweep in every portal',
  'tokens.ts rotateKeys': 'which portals have something that an older key encrypted',
  'webhook-secrets.ts rotateKeys': 'which portals have something that an older key encrypted',
};
