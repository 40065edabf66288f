// Transactional single sends: handed over with their sendId, followed to their end, every end sorted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortSendResult } from '../../src/hubspot/send-results.ts';
import { connectGateway } from './fake-hubspot.ts';

const send = {
  emailId: 123456,
  address: 'casey@customer.example',
  sendId: '33:57:a1',
  customProperties: { ticket_subject: 'Printer on fire', stage: 'New' },
};

test('an email is handed over with its sendId, and nothing is written to the contact', async (t) => {
  const { gateway, seen } = await connectGateway(t, () => ({
    body: { requestedAt: '2026-11-22T10:00:00Z', statusId: 'abc', status: 'PENDING' },
  }));
  assert.deepEqual(await gateway.sendTransactional(send), { state: 'pending', statusId: 'abc' });
  assert.deepEqual(
    [seen[0]?.method, seen[0]?.path, JSON.parse(seen[0]?.body ?? '')],
    [
      'POST',
      '/marketing/transactional/2026-09/single-email/send',
      {
        emailId: 123456,
        message: { to: 'casey@customer.example', sendId: '33:57:a1', cc: [], bcc: [], replyTo: [] },
        customProperties: { ticket_subject: 'Printer on fire', stage: 'New' },
        contactProperties: {},
      },
    ],
  );
});

test('a send is followed by its status id, whatever HubSpot says of it', async (t) => {
  const cases = [
    [{ status: 'PENDING' }, { state: 'pending', statusId: 'a/b' }],
    [
      { status: 'PROCESSING', statusId: 77 },
      { state: 'pending', statusId: '77' },
    ],
    [
      { status: 'COMPLETE', sendResult: 'SENT' },
      { state: 'sent', statusId: 'a/b', code: 'SENT' },
    ],
    [
      { status: 'PROCESSING', sendResult: 'QUEUED' },
      { state: 'sent', statusId: 'a/b', code: 'QUEUED' },
    ],
    [
      { status: 'COMPLETE', sendResult: 'IDEMPOTENT_IGNORE' },
      { state: 'sent', statusId: 'a/b', code: 'IDEMPOTENT_IGNORE' },
    ],
    [
      { status: 'COMPLETE', sendResult: 'PREVIOUSLY_BOUNCED' },
      { state: 'failed', statusId: 'a/b', code: 'PREVIOUSLY_BOUNCED', fault: 'theirs' },
    ],
    [
      { status: 'COMPLETE', sendResult: 'THROTTLED' },
      { state: 'failed', statusId: 'a/b', code: 'THROTTLED', fault: 'later' },
    ],
    [
      { status: 'COMPLETE', sendResult: 'MISSING_CONTENT', message: 'No such email' },
      { state: 'failed', statusId: 'a/b', code: 'MISSING_CONTENT', fault: 'ours' },
    ],
    [
      { status: 'COMPLETE', sendResult: 'SOMETHING_NEW' },
      { state: 'failed', statusId: 'a/b', code: 'SOMETHING_NEW', fault: 'ours' },
    ],
    [{ status: 'CANCELED' }, { state: 'failed', statusId: 'a/b', code: 'CANCELED', fault: 'ours' }],
    [{ status: 'COMPLETE' }, { state: 'failed', statusId: 'a/b', code: 'COMPLETE', fault: 'ours' }],
  ] as const;
  const { gateway, seen } = await connectGateway(t, (_, index) => ({ body: cases[index]?.[0] }));
  for (const [, expected] of cases) assert.deepEqual(await gateway.readSendStatus('a/b'), expected);
  assert.deepEqual([seen[0]?.method, seen[0]?.path], ['GET', '/marketing/v3/email/send-statuses/a%2Fb']);
});

test('an end told at once needs no status id, an email under way does', async (t) => {
  const ended = await connectGateway(t, () => ({ body: { status: 'COMPLETE', sendResult: 'ADDRESS_OPTED_OUT' } }));
  assert.deepEqual(await ended.gateway.sendTransactional(send), {
    state: 'failed',
    statusId: null,
    code: 'ADDRESS_OPTED_OUT',
    fault: 'theirs',
  });
  for (const body of [{ status: 'PENDING' }, {}, { sendResult: 5 }, []]) {
    const { gateway, seen } = await connectGateway(t, () => ({ body }));
    await assert.rejects(gateway.sendTransactional(send), { code: 'hubspot-unknown-outcome' });
    assert.equal(seen.length, 1);
  }
});

test('a send refused by HubSpot tells neither the address nor what was to be in the mail', async (t) => {
  const message = 'casey@customer.example cannot get "Printer on fire": no such email';
  const { gateway } = await connectGateway(t, () => ({ status: 400, body: { message } }));
  await assert.rejects(gateway.sendTransactional(send), {
    code: 'hubspot-refused',
    detail: '(removed) cannot get "(removed)": no such email',
  });
});

test('a portal without the add-on misses the scope, a lost answer is unknown, a forgotten status not found', async (t) => {
  const context = { requiredGranularScopes: ['transactional-email'] };
  const missing = { category: 'MISSING_SCOPES', message: 'x', errors: [{ message: 'x', context }] };
  const without = await connectGateway(t, () => ({ status: 403, body: missing }));
  await assert.rejects(without.gateway.sendTransactional(send), {
    code: 'hubspot-scope-missing',
    detail: 'Missing: transactional-email.',
  });
  const lost = await connectGateway(t, () => (response) => response.destroy());
  await assert.rejects(lost.gateway.sendTransactional(send), { code: 'hubspot-unknown-outcome' });
  assert.equal(lost.seen.length, 1);
  const forgotten = await connectGateway(t, () => ({ status: 404, body: {} }));
  await assert.rejects(forgotten.gateway.readSendStatus('abc'), { code: 'hubspot-not-found' });
  const unreadable = await connectGateway(t, () => ({ body: { statusId: 'abc' } }));
  await assert.rejects(unreadable.gateway.readSendStatus('abc'), { code: 'hubspot-unreadable' });
});

// The 51 of EmailSendStatusView, 2026-09.
const known: Record<string, string> = {
  sent: 'SENT QUEUED IDEMPOTENT_IGNORE IDEMPOTENT_FAIL',
  later: 'THROTTLED PORTAL_OVER_LIMIT ATTACHMENT_DOWNLOAD_QUEUE_FULL',
  theirs:
    'ADDRESS_LIST_BOMBED ADDRESS_ONLY_ACCEPTED_ON_PROD ADDRESS_OPTED_OUT BLOCKED_ADDRESS BLOCKED_DOMAIN BRAND_RECIPIENT_FATIGUE_SUPPRESSED EMAIL_UNCONFIRMED GDPR_DOI_ENABLED GRAYMAIL_SUPPRESSED INVALID_TO_ADDRESS LOW_CONTACT_QUALITY_SCORE MTA_IGNORE NON_MARKETABLE_CONTACT PREVIOUSLY_BOUNCED PREVIOUSLY_UNSUBSCRIBED_BRAND PREVIOUSLY_UNSUBSCRIBED_BUSINESS_UNIT PREVIOUSLY_UNSUBSCRIBED_MESSAGE PREVIOUSLY_UNSUBSCRIBED_PORTAL PREVIOUS_SPAM QUARANTINED_ADDRESS RECIPIENT_FATIGUE_SUPPRESSED UNDELIVERABLE',
  ours: 'CAMPAIGN_CANCELLED CANCELLED_ABUSE CONTACT_VIEW_PERMISSION CORRUPT_INPUT EMAIL_DISABLED HUBL_LIMIT_EXCEEDED INVALID_APP_ID_ATTRIBUTION INVALID_FROM_ADDRESS MARKETING_ACTIVATION_DISALLOWED MISSING_CONTENT MISSING_REQUIRED_PARAMETER MISSING_TEMPLATE_PROPERTIES PORTAL_AUTHENTICATION_FAILURE PORTAL_EXPIRED PORTAL_MISSING_MARKETING_SCOPE PORTAL_NOT_AUTHORIZED_FOR_APPLICATION PORTAL_SUSPENDED TEMPLATE_RENDER_EXCEPTION TOO_MANY_RECIPIENTS UBB_GOVERNANCE_MISSING UNCONFIGURED_SENDING_DOMAIN VALIDATION_FAILED',
};

test('each of HubSpot’s 51 results has its place, an unknown one is for somebody to look at', () => {
  const all = Object.entries(known).flatMap(([end, codes]) => codes.split(' ').map((code) => [code, end] as const));
  assert.equal(new Set(all.map(([code]) => code)).size, 51);
  for (const [code, end] of all) assert.equal(sortSendResult(code), end, code);
  for (const code of ['toString', '', 'sent']) assert.equal(sortSendResult(code), 'ours');
});
