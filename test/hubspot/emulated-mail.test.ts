// Mail through the gateway, against the emulator over real HTTP: on a thread and as a transactional single send.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionalScopes, requiredScopes } from '../../src/hubspot/scopes.ts';
import { customer, install } from './emulated-portal.ts';

for (const apiMessageClientType of ['HUBSPOT', 'INTEGRATION'] as const) {
  test(`a mail goes out on the thread, read back as it was answered (client ${apiMessageClientType})`, async (t) => {
    const { emulator, gateway, portal, agentId, log } = await install(t, { quirks: { apiMessageClientType } });
    const { threadId } = portal.receiveMessage({ from: customer, subject: 'Test', text: 'Hello' });
    const account = portal.look().channelAccounts[0];
    const mail = {
      senderActorId: `A-${agentId}`,
      channelId: account?.channelId ?? '',
      channelAccountId: account?.id ?? '',
      recipients: [{ actorId: null, address: customer }],
      subject: 'Re: Test',
      text: 'We have it.',
      html: '<p>We have it.</p>',
    };
    const sent = await gateway.sendThreadMessage(threadId, mail);
    assert.deepEqual(
      [sent.status, sent.direction, sent.clientType, sent.recipients.map(({ address }) => address)],
      ['SENT', 'OUTGOING', apiMessageClientType, [customer]],
    );
    assert.deepEqual(await gateway.findMessage(threadId, sent.id), sent);
    await assert.rejects(gateway.sendThreadMessage(threadId, { ...mail, senderActorId: 'A-404' }), {
      code: 'hubspot-refused',
    });
    portal.nextMessageStatus('FAILED');
    assert.equal((await gateway.sendThreadMessage(threadId, mail)).status, 'FAILED');
    emulator.faults.add({ method: 'POST', path: /messages$/, times: 1, kind: 'apply-then-hang' });
    await assert.rejects(gateway.sendThreadMessage(threadId, mail), { code: 'hubspot-unknown-outcome' });
    const { messages } = await gateway.listMessages(threadId);
    assert.equal(messages.filter(({ direction }) => direction === 'OUTGOING').length, 3);
    assert.ok(!/customer|Re: Test|have it/.test(log.lines.join('\n')));
  });
}

for (const repeatedSendResult of ['IDEMPOTENT_IGNORE', 'IDEMPOTENT_FAIL'] as const) {
  test(`a transactional email is followed to its end and goes out once (a repeat is ${repeatedSendResult})`, async (t) => {
    const quirks = { singleSendLooks: 2, repeatedSendResult };
    const { emulator, gateway, portal } = await install(t, { quirks }, [...requiredScopes, ...optionalScopes]);
    const emailId = Number(portal.addMarketingEmail({ name: 'Received', requiredCustomProperties: ['stage'] }).emailId);
    const send = { emailId, address: customer, sendId: '41000001:57:a1', customProperties: { stage: 'New' } };
    emulator.faults.add({ method: 'POST', path: /single-email/, times: 1, kind: 'apply-then-drop' });
    await assert.rejects(gateway.sendTransactional(send), { code: 'hubspot-unknown-outcome' });
    for (const code of [repeatedSendResult, repeatedSendResult]) {
      const handed = await gateway.sendTransactional(send);
      assert.ok(handed.state === 'pending');
      const { statusId } = handed;
      assert.deepEqual(await gateway.readSendStatus(statusId), { state: 'pending', statusId });
      assert.deepEqual(await gateway.readSendStatus(statusId), { state: 'sent', statusId, code });
    }
    assert.deepEqual(
      portal.sentEmails().map(({ to, sendId, customProperties }) => ({ to, sendId, customProperties })),
      [{ to: customer, sendId: send.sendId, customProperties: { stage: 'New' } }],
    );
    const contactId = (await gateway.findContactByAddress(customer)) ?? '';
    assert.equal(portal.look().contacts.find(({ id }) => id === contactId)?.name, '');
    assert.deepEqual(emulator.unknownRequests, []);
  });
}

test('a transactional email that does not go out says whose fault it is', async (t) => {
  const { gateway, portal } = await install(t, {}, [...requiredScopes, ...optionalScopes]);
  const emailId = Number(portal.addMarketingEmail({ name: 'Received' }).emailId);
  const send = { emailId, address: customer, sendId: 's', customProperties: {} };
  portal.nextSendResult('PREVIOUSLY_BOUNCED', 'THROTTLED', 'CANCELED');
  const ends = [
    await gateway.sendTransactional(send),
    await gateway.sendTransactional(send),
    await gateway.sendTransactional(send),
    await gateway.sendTransactional({ ...send, emailId: emailId + 1 }),
    await gateway.sendTransactional({ ...send, address: 'noreply@customer.example' }),
  ];
  assert.deepEqual(
    ends.map((end) => (end.state === 'failed' ? [end.code, end.fault] : end.state)),
    [
      ['PREVIOUSLY_BOUNCED', 'theirs'],
      ['THROTTLED', 'later'],
      ['CANCELED', 'ours'],
      ['MISSING_CONTENT', 'ours'],
      ['INVALID_TO_ADDRESS', 'theirs'],
    ],
  );
  assert.equal(portal.sentEmails().length, 0);
  await assert.rejects(gateway.readSendStatus('gone'), { code: 'hubspot-not-found' });
  portal.configure({ transactionalAddOn: false });
  await assert.rejects(gateway.sendTransactional(send), {
    code: 'hubspot-scope-missing',
    detail: 'Missing: transactional-email.',
  });
});
