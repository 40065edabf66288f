// What the sheets leave open: the other answer of each switch as an app sees it, and switches of one portal alone.
import assert from 'node:assert/strict';
import { type TestContext as Context, test } from 'node:test';
import type { Quirks } from '../../src/emulator/world.ts';
import { createReceiver } from './receiver.ts';
import { allScopes, app, createCaller, createRig, postForm, startEmulator } from './rig.ts';

const tickets = '/crm/objects/2026-09/tickets';
const threads = '/conversations/conversations/2026-09/threads';
const from = 'casey@customer.example';
const returns = { id: '7', label: 'Returns', stages: [{ id: '71', label: 'Back', ticketState: 'OPEN' as const }] };

/** A portal with switches of its own beside one without. */
async function createTwo(t: Context, quirks: Partial<Quirks>) {
  const rig = await createRig(t);
  const portal = rig.emulator.addPortal({ portalId: '41000002', quirks: { searchLagMs: 0, ...quirks } });
  const { accessToken, refreshToken } = portal.install({ scopes: allScopes });
  const agentId = portal.look().users[0]?.userId ?? '';
  const own = { portal, call: createCaller(rig.emulator.url, accessToken), agentId, refreshToken };
  return { emulator: rig.emulator, plain: rig, own };
}

test("a portal's own switches are its alone, and what it does not name follows the emulator's", async (t) => {
  const { emulator, plain, own } = await createTwo(t, { numericToObjectIds: true });
  for (const { portal, call, agentId } of [plain, own]) {
    const { contactId } = portal.addContact({ email: from });
    const { ticketId } = portal.createTicket({ userId: agentId, contactIds: [contactId] });
    const { body } = await call('GET', `${tickets}/${ticketId}/associations/contacts`);
    assert.equal(typeof body.results[0].toObjectId, portal === own.portal ? 'number' : 'string');
  }
  emulator.quirks.reportsMissingIds = false;
  const missing = { inputs: [{ id: '1' }], properties: [], propertiesWithHistory: [] };
  for (const { call } of [plain, own]) assert.equal((await call('POST', `${tickets}/batch/read`, missing)).status, 200);
});

test('OAuth answers keep to what the spec requires', async (t) => {
  const { emulator, own } = await createTwo(t, { oauthOptionalFields: false });
  const client = { client_id: app.clientId, client_secret: app.clientSecret };
  const form = { ...client, grant_type: 'refresh_token', refresh_token: own.refreshToken };
  const { body } = await postForm(`${emulator.url}/oauth/2026-09/token`, form);
  assert.deepEqual([body.hub_id, body.user_id, body.scopes], [undefined, undefined, undefined]);
  const told = await postForm(`${emulator.url}/oauth/2026-09/token/introspect`, {
    ...client,
    token: body.access_token,
  });
  assert.deepEqual([told.body.hub_id, told.body.user, told.body.hub_domain], [41000002, undefined, undefined]);
});

test('a declined consent calls back with an error, or with nothing but the state', async (t) => {
  const { emulator } = await createRig(t);
  const callback = 'http://localhost:3000/oauth/callback';
  const asked = { client_id: app.clientId, redirect_uri: callback, scope: emulator.app.requiredScopes.join(' ') };
  const query = String(new URLSearchParams({ ...asked, state: 's1' }));
  const decline = async () => {
    const answer = await postForm(`${emulator.url}/oauth/authorize`, { query, decision: 'cancel' });
    return [...new URL(answer.headers.get('location') ?? '').searchParams.keys()];
  };
  assert.deepEqual(await decline(), ['error', 'error_description', 'state']);
  emulator.quirks.cancelledConsent = 'bare';
  assert.deepEqual(await decline(), ['state']);
});

test('association reads report, leave out or show empty what has none', async (t) => {
  const { emulator, plain } = await createTwo(t, {});
  const { ticketId } = plain.portal.createTicket({ userId: plain.agentId });
  const read = async (unassociated: Quirks['unassociated']) => {
    emulator.quirks.unassociated = unassociated;
    const inputs = [{ id: ticketId }];
    const answer = await plain.call('POST', '/crm/associations/2026-09/tickets/contacts/batch/read', { inputs });
    return [answer.status, answer.body.results, answer.body.numErrors];
  };
  assert.deepEqual(await read('reported'), [207, [], 1]);
  assert.deepEqual(await read('left-out'), [200, [], undefined]);
  assert.deepEqual(await read('empty'), [200, [{ from: { id: ticketId }, to: [] }], undefined]);
});

test('a stage of another pipeline takes the ticket there, and refusals say why in their message alone', async (t) => {
  const { own } = await createTwo(t, { otherPipelineStage: 'follow', listsPropertyErrors: false });
  own.portal.configure({ pipelines: [...own.portal.look().pipelines, returns] });
  const { ticketId } = own.portal.createTicket({ userId: own.agentId });
  const write = (hs_pipeline_stage: string) =>
    own.call('PATCH', `${tickets}/${ticketId}`, { properties: { hs_pipeline_stage } });
  assert.equal((await write('71')).status, 200);
  assert.equal(own.portal.ticket(ticketId).properties.hs_pipeline, '7');
  const batch = { inputs: [{ id: ticketId, properties: { hs_pipeline_stage: '3' } }] };
  assert.equal((await own.call('POST', `${tickets}/batch/update`, batch)).status, 200);
  assert.equal(own.portal.ticket(ticketId).properties.hs_pipeline, '0');
  const refused = await write('99');
  assert.deepEqual([refused.status, refused.body.errors], [400, undefined]);
  assert.match(refused.body.message, /INVALID_OPTION/);
});

test('an open stage has no state, a closed one has no isClosed', async (t) => {
  const { own } = await createTwo(t, { printsOpenStates: false });
  const { body } = await own.call('GET', '/crm/pipelines/2026-09/tickets/0/stages');
  const metadata = body.results.map((stage: { metadata: object }) => stage.metadata);
  assert.deepEqual(metadata, [{}, {}, {}, { ticketState: 'CLOSED' }]);
});

test('a merge makes a new ticket that has everything of both, and tells of it', async (t) => {
  const receiver = await createReceiver(t);
  const { emulator, own } = await createTwo(t, { mergeMakesNewTicket: true });
  emulator.setWebhookUrl(receiver.url);
  const { threadId } = own.portal.receiveMessage({ from, text: 'x' });
  const [primaryId = '', mergedId = ''] = [
    own.portal.createTicket({ userId: own.agentId, stageId: '3' }).ticketId,
    own.portal.createTicket({ userId: own.agentId, fromThreadId: threadId }).ticketId,
  ];
  own.portal.mergeTickets({ primaryId, mergedId, userId: own.agentId });
  const survivor = own.portal.listTickets()[0]?.id;
  assert.ok(survivor && survivor !== primaryId && survivor !== mergedId);
  assert.equal(own.portal.listTickets().length, 1);
  const { body } = await own.call('GET', `${tickets}/${primaryId}?properties=hs_merged_object_ids,hs_pipeline_stage`);
  assert.deepEqual([body.id, body.properties.hs_pipeline_stage], [survivor, '3']);
  assert.deepEqual(body.properties.hs_merged_object_ids.split(';').sort(), [primaryId, mergedId].sort());
  assert.equal(own.portal.thread(threadId).ticketId, survivor);
  await emulator.webhooks.idle();
  const merge = receiver.events().find((event) => event.subscriptionType === 'object.merge');
  assert.deepEqual([merge.primaryObjectId, merge.newObjectId], [Number(primaryId), Number(survivor)]);
});

test('threads of a merged ticket go on naming it', async (t) => {
  const { own } = await createTwo(t, { threadsFollowMerge: false });
  const { threadId } = own.portal.receiveMessage({ from, text: 'x' });
  const mergedId = own.portal.createTicket({ userId: own.agentId, fromThreadId: threadId }).ticketId;
  const primaryId = own.portal.createTicket({ userId: own.agentId }).ticketId;
  own.portal.mergeTickets({ primaryId, mergedId, userId: own.agentId });
  const { body } = await own.call('GET', `${threads}/${threadId}?association=TICKET`);
  assert.equal(body.threadAssociations.associatedTicketId, mergedId);
});

test('the list of threads filters by ticket, knows no such filter, or refuses it', async (t) => {
  const { emulator, plain } = await createTwo(t, {});
  plain.portal.receiveMessage({ from, text: 'x' });
  const list = async (threadsOfTicket: Quirks['threadsOfTicket']) => {
    emulator.quirks.threadsOfTicket = threadsOfTicket;
    const answer = await plain.call('GET', `${threads}?associatedTicketId=1`);
    return [answer.status, answer.body.results?.length];
  };
  assert.deepEqual(await list('filtered'), [200, 0]);
  assert.deepEqual(await list('ignored'), [200, 1]);
  assert.deepEqual(await list('refused'), [400, undefined]);
});

test('messages come oldest first, addresses are actors, unknown senders no contacts, and an app sends as itself', async (t) => {
  const answers = { messageSort: 'ascending', unresolvedActors: 'E-', apiMessageSender: 'app' } as const;
  const { emulator, own } = await createTwo(t, { ...answers, unknownSenders: 'nobody' });
  const { threadId, messageId } = own.portal.receiveMessage({ from, text: 'x', cc: ['cy@partner.example'] });
  assert.equal(own.portal.contactId(from), undefined);
  const account = own.portal.look().channelAccounts[0];
  const sent = await own.call('POST', `${threads}/${threadId}/messages`, {
    type: 'MESSAGE',
    text: 'Which one?',
    senderActorId: `A-${own.agentId}`,
    channelId: '1002',
    channelAccountId: account?.id,
    recipients: [{ recipientField: 'TO', deliveryIdentifiers: [{ type: 'HS_EMAIL_ADDRESS', value: from }] }],
  });
  assert.equal(sent.body.senders[0].actorId, `I-${app.appId}`);
  const { body } = await own.call('GET', `${threads}/${threadId}/messages?sort=-createdAt`);
  assert.equal(body.results[0].id, messageId);
  const [opening] = body.results;
  assert.equal(opening.senders[0].actorId, `E-${from}`);
  assert.equal(opening.recipients[1].actorId, 'E-cy@partner.example');
  emulator.quirks.unknownSenders = 'visitor';
  const other = emulator.addPortal({ portalId: '41000003' });
  const thread = other.thread(other.receiveMessage({ from, text: 'x' }).threadId);
  const senders = thread.items[0]?.senders as Array<{ actorId: string }> | undefined;
  assert.equal(senders?.[0]?.actorId, `V-${thread.contactId}`);
  assert.equal(other.contactId(from), undefined);
});

test('mail of a team address lands beside its record, and mail of a mailbox shows less', async (t) => {
  const answers = { ticketMailThread: 'apart', contactMailThread: 'no-thread', composerMailSource: 'EMAIL' } as const;
  const { emulator, own } = await createTwo(t, { ...answers, mailboxThreadIds: 'absent', namedMailAddresses: true });
  const { contactId } = own.portal.addContact({ email: from });
  const { ticketId } = own.portal.createTicket({ userId: own.agentId, contactIds: [contactId] });
  const mail = { userId: own.agentId, subject: 'Visit', text: 'When?' };
  const started = own.portal.startThread({ ...mail, ticketId, to: from });
  assert.equal(own.portal.thread(started.threadId).ticketId, null);
  const { threadId, emailId = '' } = own.portal.sendContactMail({ ...mail, contactId });
  assert.equal(threadId, undefined);
  const written = own.portal.email(emailId);
  assert.deepEqual([written.hs_object_source, written.hs_created_by_user_id], ['EMAIL', undefined]);
  assert.match(written.hs_email_headers ?? '', /casey<casey@customer\.example>/);
  const answered = { ...mail, from, emailThreadId: '<1@mail.example>' };
  const receive = () => own.portal.email(own.portal.receiveMailboxEmail(answered).emailId).hs_email_thread_id;
  assert.equal(receive(), undefined);
  const plain = emulator.portal('41000001');
  const userId = plain.look().users[0]?.userId ?? '';
  const shared = plain.receiveMailboxEmail({ ...answered, userId });
  assert.equal(plain.email(shared.emailId).hs_email_thread_id, '<1@mail.example>');
});

test('events name their type otherwise, mix portals, and leave out what is told of emails and help desks', async (t) => {
  const receiver = await createReceiver(t);
  const emulator = await startEmulator(t, { quirks: { mixesPortals: true, webhookTypeField: 'eventType' } });
  const inboxes = [{ name: 'Help desk', type: 'HELP_DESK' as const }];
  const make = (portalId: string, quirks: Partial<Quirks>) => {
    const portal = emulator.addPortal({ portalId, inboxes, quirks });
    portal.install({ scopes: allScopes });
    return { portal, userId: portal.look().users[0]?.userId ?? '' };
  };
  const one = make('1', { emailEvents: 'association-first', helpDeskEvents: 'messages', createdFlag: 'NEW' });
  const two = make('2', { emailEvents: 'none', helpDeskEvents: 'none', tellsAfterUninstall: true });
  for (const { portal, userId } of [
    one,
    two,
    make('3', { emailEvents: 'creation-only' }),
    make('4', { emailEvents: 'association-only' }),
  ]) {
    const { ticketId } = portal.createTicket({ userId });
    portal.sendMailboxEmail({ from: 'ticket', ticketId, userId, to: from, subject: 'x', text: 'x' });
    portal.receiveMessage({ from, text: 'x' });
  }
  two.portal.uninstall();
  two.portal.createTicket({ userId: two.userId });
  emulator.setWebhookUrl(receiver.url);
  await emulator.webhooks.idle();
  assert.equal(new Set(receiver.deliveries[0]?.events.map((event) => event.portalId)).size, 4);
  assert.ok(receiver.events().every((event) => event.eventType && event.subscriptionType === undefined));
  const ofEmail = (portalId: number) =>
    receiver
      .events()
      .filter((event) => event.portalId === portalId && [event.objectTypeId, event.fromObjectTypeId].includes('0-49'))
      .flatMap((event) => (event.toObjectTypeId === '0-1' ? [] : [event.eventType]));
  assert.deepEqual(ofEmail(1), ['object.associationChange', 'object.creation']);
  assert.deepEqual(ofEmail(2), []);
  assert.deepEqual(ofEmail(3), ['object.creation']);
  assert.deepEqual(ofEmail(4), ['object.associationChange']);
  const told = (portalId: number, type: string) =>
    receiver.events().filter((event) => event.portalId === portalId && event.eventType === type);
  assert.deepEqual([told(1, 'conversation.creation').length, told(1, 'conversation.newMessage').length], [0, 1]);
  assert.deepEqual([told(2, 'conversation.creation').length, told(2, 'conversation.newMessage').length], [0, 0]);
  assert.deepEqual([told(3, 'conversation.creation').length, told(3, 'conversation.newMessage').length], [1, 1]);
  assert.equal(told(1, 'object.creation')[0].changeFlag, 'NEW');
  assert.equal(told(2, 'object.creation').length, 2, 'also after the uninstall');
});

test("a workflow's call is signed by v2 and v3, or by v2 alone", async (t) => {
  const { emulator, plain } = await createTwo(t, {});
  const request = { method: 'POST', url: 'https://app.example.com/hubspot/workflow-actions/x', body: '{}' };
  const names = () => Object.keys(plain.portal.signAction(request)).sort();
  const v2 = ['X-HubSpot-Signature', 'X-HubSpot-Signature-Version'];
  assert.deepEqual(names(), ['X-HubSpot-Request-Timestamp', ...v2, 'X-HubSpot-Signature-v3'].sort());
  emulator.quirks.signsActionsWithV3 = false;
  assert.deepEqual(names(), v2);
});
