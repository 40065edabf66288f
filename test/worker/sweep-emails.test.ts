// An email that only a sweep found: when it was put on its ticket nobody has told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Email } from '../../src/crm.ts';
import type { PortalGateway } from '../../src/hubspot/gateway.ts';
import { readEmails } from '../../src/worker/email-facts.ts';
import { emailEvent } from '../../src/worker/own-events.ts';
import { type EmailSubject, sortEvents } from '../../src/worker/subjects.ts';
import { inboxEvent } from './inbox-event.ts';

const createdAt = new Date('2026-11-22T08:00:00Z');
const now = new Date('2026-11-22T12:00:00Z');
const found = inboxEvent(emailEvent('1', '7', createdAt));
const told = inboxEvent({ kind: 'email', subscriptionType: 'object.creation', emailId: '7', occurredAt: createdAt });

async function read(events: (typeof found)[], ticketIds: string[], previous?: Partial<EmailSubject['previous']>) {
  const subject = sortEvents(events).emails.get('e:7');
  assert.ok(subject);
  const gateway: Pick<PortalGateway, 'readEmails' | 'readAssociations'> = {
    readEmails: async () => new Map([['7', { id: '7', createdAt } as Email]]),
    readAssociations: async () => new Map([['7', ticketIds]]),
  };
  const known = previous as EmailSubject['previous'];
  const readings = await readEmails(gateway as PortalGateway, [{ ...subject, previous: known }], () => now);
  const reading = readings.get('e:7');
  assert.ok(reading && 'email' in reading);
  const { associatedAfterMs, unheard, onSeveralAtOnce } = reading;
  return { trigger: subject.trigger, associatedAfterMs, unheard, onSeveralAtOnce };
}

test('its association counts from its creation on, as that of mail in the portal’s history', async () => {
  const once = { trigger: 'sweep', associatedAfterMs: 0, unheard: true, onSeveralAtOnce: false };
  assert.deepEqual(await read([found], ['1']), once);
  assert.deepEqual(await read([found], ['1'], { outcome: 'dead', reason: null }), once);
  assert.deepEqual(await read([found], []), { ...once, associatedAfterMs: null });
  assert.deepEqual(await read([found], ['1', '2']), { ...once, onSeveralAtOnce: true });
});

test('seen without its ticket before, or told of by a webhook, it was put there when it is read at the latest', async () => {
  const lateMs = now.getTime() - createdAt.getTime();
  const late = { trigger: 'sweep', associatedAfterMs: lateMs, unheard: false, onSeveralAtOnce: false };
  assert.deepEqual(await read([found], ['1'], { outcome: 'skipped', reason: 'no-ticket', ticketId: null }), late);
  assert.deepEqual(await read([told, found], ['1']), { ...late, trigger: 'email' });
});

test('with the event of its association, however late that came, the time told counts', async () => {
  const association = inboxEvent({
    kind: 'email-association',
    subscriptionType: 'object.associationChange',
    emailId: '7',
    ticketId: '1',
    occurredAt: new Date(createdAt.getTime() + 3_000),
  });
  const { associatedAfterMs, unheard } = await read([found, association], ['1']);
  assert.deepEqual([associatedAfterMs, unheard], [3_000, false]);
});
