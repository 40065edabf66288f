// The shape of the words about evidence: each check as a sentence, and what was seen in the reader's language.
import type { Check } from '../../rules/decide.ts';

export type EvidenceWords = {
  /** A whole sentence each: when the check speaks for a change, and when it speaks against it. */
  checks: Record<Check, readonly [holds: string, fails: string]>;
  /** What rules and worker write as `seen`, word for word; numbers in it stand as `#`. What is not listed is shown as it is. */
  seen: Record<string, string>;
  /** Who sent something, by HubSpot's kinds of actors (DATA.md 3.1). */
  actors: Record<'A' | 'B' | 'I' | 'L' | 'S' | 'visitor' | 'unresolved' | 'nobody', string>;
  /** `A-123 by HUBSPOT` */
  writtenIn(who: string, program: string): string;
  /** `CRM_UI at 2026-11-22T10:00:00.000Z` */
  changedAt(source: string, moment: string): string;
  /** How HubSpot names who changed a status (DATA.md 1.3). */
  sources: Record<string, string>;
  /** `entered 2026-11-22T10:00:00.000Z` */
  enteredAt(moment: string): string;
  /** `1002` */
  emailChannel(id: string): string;
  /** The signs by which the guard knows a machine, each by its own name. */
  signs(names: string): string;
};
