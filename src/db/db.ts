// What the database offers the rest of Baton, one part a table; made by openDb. Rows come out in camelCase.
import type { Store } from 'express-session';
import type { Event, Pipeline, Portal } from '../crm.ts';
import type { Evidence, Reason, Verdict } from '../rules/decide.ts';
import type { Settings } from '../rules/settings.ts';

export type Trigger = 'message' | 'email' | 'conversation' | 'stage-entry' | 'sweep';
export type Outcome = 'done' | 'skipped' | 'shadow' | 'failed' | 'dead';

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

export type Db = {
  portals: {
    findPortal(portalId: string): Promise<Portal | undefined>;
    /** Stores portal and tokens in one transaction; a reinstall makes it `installed` again and keeps its settings. */
    install(install: Install): Promise<void>;
    markUninstalled(portalId: string): Promise<void>;
    listInstalled(): Promise<Portal[]>;
  };
  events: {
    /**
     * One statement: new events to the inbox (kind `ignored` to its own table), duplicates and events of portals that are
     * not installed dropped. Resolves after commit. Throws BatonError `database-unavailable`.
     */
    store(events: Event[]): Promise<{ stored: number; duplicates: number; notInstalled: number }>;
  };
  settings: {
    /** Version 0 and the defaults before the first save. */
    getSettings(portalId: string): Promise<{ version: number; settings: Settings }>;
    /** A new version, or the version in force when it is not `basedOn`. */
    saveSettings(
      portalId: string,
      save: { basedOn: number; settings: Settings; author: string },
    ): Promise<{ saved: true; version: number } | { saved: false; version: number }>;
    /** Newest first. */
    listVersions(portalId: string, limit: number): Promise<SettingsVersion[]>;
  };
  records: {
    /** Newest first; `after` is the id of the last record seen. */
    listRecords(
      portalId: string,
      query: { ticketId?: string; outcome?: Outcome; limit: number; after?: string },
    ): Promise<{ records: BatonRecord[]; next: string | null }>;
    countDead(portalId: string): Promise<number>;
  };
  pipelines: {
    findPipelines(portalId: string): Promise<{ pipelines: Pipeline[]; readAt: Date } | undefined>;
    savePipelines(portalId: string, pipelines: Pipeline[]): Promise<void>;
  };
  sessions: {
    /** For express-session; rows are swept when they expire. */
    createStore(): Store;
    /** Ends every session of a portal. */
    endSessions(portalId: string): Promise<void>;
  };
  /** Answers when the database does and its schema is the one this program was written for; else throws `database-unavailable`, `schema-behind` or `schema-ahead`. */
  checkReady(): Promise<void>;
  close(): Promise<void>;
};
