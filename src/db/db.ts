// What goes into the database and comes out of it, in camelCase; the parts that do it are made by openDb.
import type { Evidence, Reason, Verdict } from '../rules/decide.ts';
import type { Settings } from '../rules/settings.ts';

export type Trigger = 'message' | 'email' | 'conversation' | 'stage-entry' | 'sweep';
export const outcomes = ['done', 'skipped', 'shadow', 'failed', 'dead'] as const;
export type Outcome = (typeof outcomes)[number];

/** What happened to one message, email or stage action, as CONTRACT.md 3 prints it. */
export type BatonRecord = {
  id: string;
  at: Date;
  ticketId: string | null;
  threadId: string | null;
  messageId: string | null;
  emailId: string | null;
  trigger: Trigger;
  verdict: Verdict | null;
  evidence: Evidence[];
  decision: 'move' | 'create' | 'stay' | 'act';
  reason: Reason | null;
  fromStageId: string | null;
  toStageId: string | null;
  settingsVersion: number | null;
  action: { id: string; kind: string } | null;
  outcome: Outcome;
  /** HubSpot's or our own words on what went wrong; never an address or a text. */
  error: string | null;
  latencyMs: number | null;
  /** The record this one replaces, when a later fact changed the decision. */
  replaces: string | null;
};

export type Install = {
  portalId: string;
  userId: string;
  domain: string | null;
  uiDomain: string;
  timeZone: string;
  scopes: string[];
  accessToken: string;
  refreshToken: string;
  expiresAt: Date;
};

export type SettingsVersion = { version: number; settings: Settings; author: string; at: Date };
