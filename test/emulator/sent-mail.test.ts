// Mail an app sends on a thread: what it must say, how it looks to the customer, and when it does not go out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig, type Json, type Rig } from './rig.ts';

const from = 'casey@customer.example';

function createSend({ portal, call, agentId }: Rig) {
  const { threadId } = portal.receiveMessage({ from, subject: 'Lever', text: 'It is bent' });
  const recipient = { recipientField: 'TO', deliveryIdentifiers: [{ type: 'HS_EMAIL_ADDRESS', value: from }] };
  const send = (changes: Json = {}) =>
    call('POST', `/conversations/conversations/2026-09/threads/${threadId}/messages`, {
      type: 'MESSAGE',
      text: 'We have it.',
      richText: '<p>We have it.</p>',
      attachments: [],
      senderActorId: `A-${agentId}`,
      channelId: '1002',
      channelAccountId: portal.look().channelAccounts[0]?.id,
      recipients: [recipient],
      ...changes,
    });
  return { threadId, send, recipient };
}

test('a mail of the app reaches the customer in the name of its sender', async (t) => {
  const rig = await createRig(t);
  const { portal, agentId } = rig;
  const { threadId, send, recipient } = createSend(rig);
  const single = { type: 'HS_EMAIL_ADDRESS', value: 'boss@customer.example' };
  const contactId = portal.contactId(from);
  const copy = { recipientField: 'CC', deliveryIdentifier: single, deliveryIdentifiers: [single] };
  const sent = await send({ subject: 'Re: Lever', recipients: [{ ...recipient, actorId: `V-${contactId}` }, copy] });
  assert.equal(sent.status, 201);
  portal.sendMessage({ threadId, userId: agentId, text: 'And a word from me' });
  const [user] = portal.look().users;
  const [first, second] = portal.sentMail(threadId);
  assert.deepEqual(first, {
    threadId,
    messageId: sent.body.id,
    at: sent.body.createdAt,
    userId: agentId,
    from: portal.look().channelAccounts[0]?.address,
    senderName: `${user?.firstName} ${user?.lastName}`,
    to: [from],
    cc: ['boss@customer.example'],
    subject: 'Re: Lever',
    text: 'We have it.',
    html: '<p>We have it.</p>',
    byApp: true,
  });
  assert.equal(second?.byApp, false);
  assert.equal(portal.sentMail().length, 2);
});

test('a mail that fails is accepted all the same and does not go out', async (t) => {
  const rig = await createRig(t);
  const { threadId, send } = createSend(rig);
  rig.portal.nextMessageStatus('FAILED');
  const failed = await send();
  assert.deepEqual([failed.status, failed.body.status.statusType], [201, 'FAILED']);
  assert.deepEqual(rig.portal.sentMail(threadId), []);
  assert.equal((await send()).body.status.statusType, 'SENT');
});

test('a mail with wrong recipients or unknown fields is refused and sent to nobody', async (t) => {
  const rig = await createRig(t);
  const { threadId, send, recipient } = createSend(rig);
  const identifier = (value: unknown, type = 'HS_EMAIL_ADDRESS') => [{ type, value }];
  for (const changes of [
    { recipients: undefined },
    { recipients: [null] },
    { recipients: [{ recipientField: 'TO' }] },
    { recipients: [{ ...recipient, deliveryIdentifiers: identifier('nobody') }] },
    { recipients: [{ ...recipient, deliveryIdentifiers: identifier(from, 'HS_PHONE_NUMBER') }] },
    { recipients: [{ ...recipient, recipientField: 'FROM' }] },
    { recipients: [{ ...recipient, recipientField: 'CC' }] },
    { recipients: [{ ...recipient, email: from }] },
    { channelId: '1000' },
    { richText: 5 },
    { attachments: 'none' },
    { html: '<p>x</p>' },
  ])
    assert.equal((await send(changes)).status, 400, JSON.stringify(changes));
  assert.deepEqual(rig.portal.sentMail(threadId), []);
});
