// The search over what a portal sent: asked as the search guide says, in pages, without texts, at the search's own pace.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPace } from '../../src/hubspot/pace.ts';
import { connectGateway, type Seen } from './fake-hubspot.ts';

const span = { after: new Date('2026-10-23T00:00:00Z'), before: new Date('2026-11-22T00:00:00Z') };
const bodyOf = (seen: Seen | undefined) => JSON.parse(seen?.body ?? '');

test('what was sent in a span is searched newest first, without subject and texts', async (t) => {
  const row = {
    id: '77064575719',
    createdAt: '2026-11-17T06:03:07.041Z',
    properties: { hs_email_direction: 'EMAIL', hs_email_status: 'SENT', hs_email_to_email: 'casey@customer.example' },
  };
  const { gateway, seen } = await connectGateway(t, () => ({
    body: { total: 17, results: [row], paging: { next: { after: '200' } } },
  }));
  const { emails, cursor } = await gateway.searchSentEmails(span);
  assert.deepEqual(
    [emails.length, emails[0]?.id, emails[0]?.toAddresses, emails[0]?.text, cursor],
    [1, '77064575719', ['casey@customer.example'], null, '200'],
  );
  assert.deepEqual([seen[0]?.method, seen[0]?.path], ['POST', '/crm/objects/2026-09/emails/search']);
  const { properties, ...rest } = bodyOf(seen[0]);
  assert.deepEqual(rest, {
    filterGroups: [
      {
        filters: [
          { propertyName: 'hs_email_direction', operator: 'EQ', value: 'EMAIL' },
          { propertyName: 'hs_email_status', operator: 'EQ', value: 'SENT' },
          {
            propertyName: 'hs_timestamp',
            operator: 'BETWEEN',
            value: String(span.after.getTime()),
            highValue: String(span.before.getTime()),
          },
        ],
      },
    ],
    sorts: [{ propertyName: 'hs_timestamp', direction: 'DESCENDING' }],
    limit: 200,
    after: '0',
  });
  assert.ok(properties.includes('hs_email_to_email') && properties.includes('hs_object_source'));
  assert.ok(!properties.some((name: string) => /subject|text|html/.test(name)));
  // "3,000-character body" (PLATFORM.md 5.1).
  assert.ok((seen[0]?.body.length ?? 0) < 3_000);
});

test('a cursor leads on, and ends where HubSpot’s 10,000 results end', async (t) => {
  const { gateway, seen } = await connectGateway(t, (each) => ({
    body: { total: 12_000, results: [], paging: { next: { after: String(Number(bodyOf(each).after) + 200) } } },
  }));
  assert.equal((await gateway.searchSentEmails({ ...span, cursor: '9600' })).cursor, '9800');
  assert.equal((await gateway.searchSentEmails({ ...span, cursor: '9800' })).cursor, null);
  assert.deepEqual(
    seen.map((each) => bodyOf(each).after),
    ['9600', '9800'],
  );
  const last = await connectGateway(t, () => ({ body: { total: 0, results: [] } }));
  assert.deepEqual(await last.gateway.searchSentEmails(span), { emails: [], cursor: null });
});

test('searches wait for their own pace', async (t) => {
  const { hubspot, seen } = await connectGateway(t, () => ({ body: { results: [] } }));
  const gateway = hubspot.portal('33', createPace({ limits: { searches: 1, searchWindowMs: 150 } }));
  const startedAt = performance.now();
  await Promise.all([gateway.searchSentEmails(span), gateway.searchSentEmails(span), gateway.listPipelines()]);
  assert.ok(performance.now() - startedAt >= 140);
  assert.equal(seen.length, 3);
});
