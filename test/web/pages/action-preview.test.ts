// The preview of an action with a real ticket, against an emulated HubSpot: the text as it would be sent, or what is missing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Portals, signIn, startPortals } from '../portals.ts';
import type { Browser } from '../web-half.ts';
import { type Changes, fillForm, readText } from './forms.ts';

const portalId = '21000001';
const otherPortalId = '21000002';
let portals: Portals;
let admin: Browser;
let ticketId: string;
let foreignTicketId: string;
before(async () => {
  portals = await startPortals([portalId, otherPortalId]);
  admin = await signIn(portals, portalId);
  const portal = portals.emulator.portal(portalId);
  const { contactId } = portal.addContact({ email: 'casey@customer.example', name: 'Casey <b>' });
  const userId = portals.userIds.get(portalId) ?? '';
  ({ ticketId } = portal.createTicket({ userId, subject: 'Broken & late', contactIds: [contactId] }));
  const other = portals.emulator.portal(otherPortalId);
  ({ ticketId: foreignTicketId } = other.createTicket({
    userId: portals.userIds.get(otherPortalId) ?? '',
    subject: 'Not yours',
  }));
});
after(() => portals.close());

async function preview(add: string, changes: Changes) {
  const path = `/settings/actions?${new URLSearchParams({ pipeline: '0', stage: '2', add })}`;
  const shown = await (await admin.visit(portals.web.url + path)).text();
  const { form } = fillForm(shown, '/settings/actions', { do: 'preview', ...changes });
  const response = await admin.visit(`${portals.web.url}/settings/preview`, { method: 'POST', body: form });
  const html = await response.text();
  return {
    status: response.status,
    html,
    text: readText(/<pre>([\s\S]*?)<\/pre>/.exec(html)?.[1] ?? ''),
    problem: readText(/<div class="preview-text"[\s\S]*?<p class="note warn">([^<]*)</.exec(html)?.[1] ?? ''),
  };
}

const writes = () =>
  portals.emulator.requests.filter(({ method, path }) => method !== 'GET' && !/read|token/.test(path));

test('the text is shown as it would be sent, with the values of the ticket, its contact, status and pipeline', async () => {
  const body =
    'Dear {{contact.firstname}},\n{{ticket.subject}} ({{ticket.id}}) is {{stage.label}} in {{pipeline.label}}.';
  const { status, text } = await preview('add-note', { body, ticket: ` ${ticketId} ` });
  assert.equal(status, 200);
  assert.equal(text, `Dear Casey,\nBroken & late (${ticketId}) is Waiting on contact in Support Pipeline.`);
  const task = await preview('create-task', { subject: 'Call\n {{contact.lastname}}', ticket: ticketId });
  assert.equal(task.text, 'Call <b>');
});

test('a value that is missing is named, and one with a fallback is not', async () => {
  const missing = await preview('add-note', { body: 'Hello {{owner.firstname}}', ticket: ticketId });
  assert.equal(missing.status, 200);
  assert.match(missing.problem, /has no value for \{\{owner\.firstname\}\}, so nothing would be sent/);
  const filled = await preview('add-note', { body: 'Hello {{owner.firstname | default: "all"}}', ticket: ticketId });
  assert.equal(filled.text, 'Hello all');
});

test('a ticket that is not there, or in another portal, is said not to be found', async () => {
  for (const ticket of ['999999999999', foreignTicketId]) {
    const { status, problem } = await preview('add-note', { body: 'Hello', ticket });
    assert.equal(status, 200);
    assert.match(problem, /cannot find a ticket with the number/);
  }
});

test('a ticket number that is none, and a text with a mistake, are errors beside their fields', async () => {
  const { status, html } = await preview('add-note', { body: '{{x.y}}', ticket: 'ABC' });
  assert.equal(status, 422);
  assert.match(html, /id="panel-ticket-error">A ticket number has only digits/);
  assert.match(html, /id="panel-body-error">/);
});

test('when HubSpot fails, the preview says so', async () => {
  const remove = portals.emulator.faults.add({ path: /tickets\/batch\/read/, kind: 'status', status: 503, times: 9 });
  try {
    const { status, problem } = await preview('add-note', { body: '{{ticket.subject}}', ticket: ticketId });
    assert.equal(status, 200);
    assert.match(problem, /HubSpot/);
  } finally {
    remove();
  }
});

test('a preview writes nothing to HubSpot and makes no version', async () => {
  const before = writes().length;
  await preview('add-note', { body: 'Hello {{contact.firstname}}', ticket: ticketId });
  assert.equal(writes().length, before);
  assert.equal((await portals.web.db.settings.getSettings(portalId)).version, 0);
});
