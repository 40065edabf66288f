// The words of a decision: verdicts, reasons, evidence. (The judging itself follows.)

export const verdicts = [
  'sent-from-ticket',
  'sent-elsewhere',
  'sent-to-others',
  'reply-on-originating-thread',
  'reply-elsewhere',
  'opens-conversation',
  'automatic',
  'not-a-message',
] as const;
export type Verdict = (typeof verdicts)[number];

/** Closed list, in the order of precedence: the first that holds is the reason. */
export const reasons = [
  'uninstalled',
  'spam',
  'own-message',
  'not-a-message',
  'channel-off',
  'bounce',
  'calendar-answer',
  'automatic-reply',
  'first-message',
  'ticket-exists',
  'no-ticket',
  'ticket-gone',
  'reply-elsewhere',
  'sent-elsewhere',
  'sent-to-others',
  'paused',
  'rule-off',
  'stage-missing',
  'unknown-sender',
  'stale',
  'superseded',
  'thanks',
  'closed-outside-window',
  'already-there',
  'person-moved-it',
  'moved-by-automation',
  'not-from-this-stage',
  'too-many-moves',
  'held',
  'scope-missing',
  'refused-by-hubspot',
] as const;
export type Reason = (typeof reasons)[number];

/** Checks Baton makes; `seen` holds ids, flags and times, never a text or an address. */
export const checks = [
  'message-found',
  'message-type',
  'agent-sender',
  'message-status',
  'channel',
  'thread-state',
  'not-ours',
  'automatic',
  'not-first-message',
  'thread-ticket',
  'ticket-found',
  'own-thread',
  'opened-by-agent',
  'recipient-is-contact',
  'sender-is-contact',
  'newest-message',
  'stage-exists',
  'closed-window',
  'stage-history',
  'from-stage',
  'moves-in-the-last-hour',
  'email-direction',
  'email-status',
  'email-sender',
  'mailbox-evidence',
  'one-ticket',
  'associated-in-time',
  'email-thread',
] as const;
export type Check = (typeof checks)[number];
export type Evidence = { check: Check; passed: boolean; seen: string };
