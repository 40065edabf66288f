// The mailbox check as an admin makes it: four test mails, a result in plain words, and what mail does from then on.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import { bothRulesOn, type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';

const path = '/settings/mailbox-check';
const minuteMs = 60_000;

describe('the mailbox check', () => {
  let system: System;
  let count = 0;

  before(async () => {
    system = await startSystem({ emulator: { limits: roomyLimits } });
  });
  after(() => system.stop());

  async function install(options: Partial<PortalOptions> = {}) {
    count += 1;
    return system.install({ portalId: String(67_000_000 + count), ...options });
  }

  function addCustomer({ portal, userId }: InstalledPortal, tickets = 1) {
    count += 1;
    const to = `c${count}@customer.example`;
    const at = Date.now() - 60 * minuteMs;
    const { contactId } = portal.addContact({ email: to, at });
    const make = () => portal.createTicket({ userId, contactIds: [contactId], stageId: '3', at }).ticketId;
    const ticketIds = Array.from({ length: tickets }, make);
    return { ticketId: ticketIds[0] as string, mail: { userId, contactId, to, text: 'A test.' } };
  }
  type Customer = ReturnType<typeof addCustomer>;

  async function post({ agent }: InstalledPortal, fields: Record<string, string>) {
    const { body } = await agent.get('/api/settings').expect(200);
    return agent
      .post(path)
      .type('form')
      .send({ _csrf: body.csrfToken, ...fields });
  }

  /** Text of the page, in the language asked for. */
  async function read({ agent }: InstalledPortal, language = 'en'): Promise<string> {
    const answer = await agent.get(path).set('Accept-Language', language).expect(200);
    return answer.text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  }

  async function start(acme: InstalledPortal, ticketId: string) {
    await post(acme, { action: 'start', ticket: ticketId }).then((answer) => assert.equal(answer.status, 303));
    const page = await read(acme);
    const subject = (of: string) => new RegExp(`Baton ${of} \\d{4}`).exec(page)?.[0] ?? assert.fail(page);
    return { ticket: subject('ticket'), contact: subject('contact') };
  }

  function send(acme: InstalledPortal, { ticketId, mail }: Customer, from: 'ticket' | 'contact', subject: string) {
    // Sent a little more than a minute ago: what HubSpot does with it is done.
    const at = Date.now() - 1.2 * minuteMs;
    return acme.portal.sendMailboxEmail({ ...mail, ...(from === 'ticket' && { ticketId }), from, subject, at }).emailId;
  }

  /** A whole check with four mails. */
  async function check(acme: InstalledPortal, customer = addCustomer(acme)) {
    const subjects = await start(acme, customer.ticketId);
    for (const from of ['ticket', 'contact', 'contact', 'ticket'] as const) send(acme, customer, from, subjects[from]);
    await system.settled();
    return { page: await read(acme), customer };
  }

  async function sendAnother(acme: InstalledPortal, from: 'ticket' | 'contact') {
    const customer = addCustomer(acme);
    const { ticketId, mail } = customer;
    const { emailId } = acme.portal.sendMailboxEmail({
      ...mail,
      from,
      subject: 'Your matter',
      ...(from === 'ticket' && { ticketId }),
    });
    await system.settled();
    return { stage: acme.portal.stage(ticketId), record: await acme.recordOf(emailId), emailId };
  }

  const withFingerprint = { ...bothRulesOn, mailbox: { evidence: 'fingerprint' } };

  it('says what to do, shows each mail as it arrives, and settles a new portal at once', async () => {
    const acme = await install();
    assert.equal((await sendAnother(acme, 'ticket')).stage, '3', 'nothing is proven yet');
    const customer = addCustomer(acme);
    const subjects = await start(acme, customer.ticketId);
    assert.match(await read(acme), /0 of 2 from the ticket, 0 of 2 from the contact record/);
    const first = send(acme, customer, 'ticket', `Re: ${subjects.ticket.toUpperCase()}`);
    const second = send(acme, customer, 'contact', subjects.contact);
    const page = await read(acme);
    assert.match(page, /1 of 2 from the ticket, 1 of 2 from the contact record/);
    for (const id of [first, second, customer.ticketId]) assert.ok(page.includes(id));
    assert.ok(!page.includes(customer.mail.to) && !page.includes('A test.'));
    send(acme, customer, 'ticket', subjects.ticket);
    send(acme, customer, 'contact', subjects.contact);
    assert.match(await read(acme), /Result of .* Your portal keeps them apart.* nothing HubSpot stores/);
    assert.match(await read(acme, 'fr'), /Résultat du .* Votre portail les sépare/);
    assert.equal((await sendAnother(acme, 'ticket')).stage, '2');
    assert.equal((await sendAnother(acme, 'contact')).stage, '3');
  });

  it('waits until the last mail is a minute old', async () => {
    const acme = await install();
    const customer = addCustomer(acme);
    const subjects = await start(acme, customer.ticketId);
    const { ticketId, mail } = customer;
    for (const from of ['ticket', 'ticket', 'contact'] as const) send(acme, customer, from, subjects[from]);
    acme.portal.sendMailboxEmail({ ...mail, from: 'contact', subject: subjects.contact, at: Date.now() - 30_000 });
    assert.match(await read(acme), /All are here. Baton waits until the last is one minute old/);
    const { rows } = await system.sql.query('select ended_at from mailbox_checks where ticket_id = $1', [ticketId]);
    assert.equal(rows[0].ended_at, null);
  });

  it('finds that HubSpot puts contact mail on tickets, and that nothing tells the two apart', async () => {
    const acme = await install({ automaticAssociation: true });
    const { page } = await check(acme);
    assert.match(page, /HubSpot puts emails written on the contact record on a ticket by itself/);
    assert.match(page, /nothing HubSpot stores with them tells the two apart/);
    const { body } = await acme.agent.get('/api/settings').expect(200);
    const refused = await acme.agent
      .put('/api/settings')
      .set('X-CSRF-Token', body.csrfToken)
      .send({ basedOn: body.version, settings: withFingerprint });
    assert.deepEqual([refused.status, refused.body.error.issues[0].path], [422, 'mailbox.evidence']);
    assert.equal((await sendAnother(acme, 'ticket')).stage, '3');
    assert.equal((await sendAnother(acme, 'contact')).stage, '3');
  });

  for (const [fingerprints, property] of [
    ['detail', 'hs_object_source_detail_1'],
    ['associations-request', 'hs_email_encoded_email_associations_request'],
  ] as const) {
    it(`finds ${property} where it differs, and by it tells the two apart though HubSpot puts both on the ticket`, async () => {
      const acme = await install({ automaticAssociation: true, fingerprints });
      const { page } = await check(acme);
      assert.ok(page.includes(`(${property})`), page);
      await acme.saveSettings(withFingerprint);
      const { stage, record } = await sendAnother(acme, 'ticket');
      assert.equal(stage, '2', JSON.stringify(record));
      const other = await sendAnother(acme, 'contact');
      assert.equal(other.stage, '3');
      assert.equal(other.record.evidence.find((one) => one.check === 'fingerprint')?.seen, 'contact');
      acme.portal.configure({ fingerprints: 'none' });
      assert.equal((await sendAnother(acme, 'ticket')).stage, '3', 'it looks like neither, or like the contact’s');
    });
  }

  it('takes a fingerprint back when a mail that carries it is on no ticket', async () => {
    const acme = await install({ fingerprints: 'detail' });
    await check(acme);
    await acme.saveSettings(withFingerprint);
    const { stage, emailId } = await sendAnother(acme, 'ticket');
    assert.equal(stage, '2');
    const {
      hs_object_id: _id,
      hs_createdate: _made,
      hs_lastmodifieddate: _at,
      ...properties
    } = acme.portal.email(emailId);
    await system.sql.query(`update mailbox_checks set ended_at = ended_at - interval '1 hour'`);
    acme.portal.addEmail({
      properties,
      source: { type: 'CRM_UI', id: `userId:${acme.userId}` },
      at: Date.now() - 2 * minuteMs,
    });
    await system.settled();
    const after = await sendAnother(acme, 'ticket');
    assert.equal(after.stage, '3');
    const seen = after.record.evidence.find((one) => one.check === 'mailbox-evidence')?.seen;
    assert.equal(seen, 'fingerprint: in doubt, since a mail that looks sent from a ticket is on none');
  });

  it('does not start with a ticket that would show nothing, and says why', async () => {
    const acme = await install();
    const closed = addCustomer(acme);
    acme.portal.moveTicket({ ticketId: closed.ticketId, stageId: '4', userId: acme.userId });
    const lonely = acme.portal.createTicket({ userId: acme.userId }).ticketId;
    for (const [ticket, words] of [
      ['', /Enter the number of a ticket/],
      ['my ticket', /Enter the number of a ticket/],
      ['999', /HubSpot knows no ticket with this number/],
      [closed.ticketId, /This ticket is closed/],
      [lonely, /This ticket has no contact/],
      [addCustomer(acme, 2).ticketId, /has other open tickets/],
    ] as const) {
      const answer = await post(acme, { action: 'start', ticket });
      assert.equal(answer.status, 422);
      assert.match(answer.text, words);
    }
    assert.equal((await post(acme, { action: 'else' })).status, 400);
    assert.equal((await acme.agent.post(path).type('form').send({ action: 'start' })).status, 403);
  });

  it('takes the address of the ticket’s page, can be stopped, and repeated', async () => {
    const acme = await install();
    const { ticketId } = addCustomer(acme);
    const url = `https://app-eu1.hubspot.com/contacts/${acme.id}/record/0-5/${ticketId}?interaction=note`;
    const subjects = await start(acme, url);
    assert.match(await read(acme), /Now send four emails/);
    const { text: page } = await acme.agent.get(path).expect(200);
    const shown = [...page.matchAll(/href="(http[^"]+\/record\/0-[15]\/\d+)"/g)].map(([, href]) => href as string);
    // The emulator stands for HubSpot, so the links stay in it.
    assert.equal(shown.length, 2);
    for (const href of shown) assert.equal((await fetch(href)).status, 200, href);
    await post(acme, { action: 'cancel' });
    assert.doesNotMatch(await read(acme), /Now send four emails|Result of/);
    assert.ok(await start(acme, ticketId), `a new code, or by chance the same as ${subjects.ticket}`);
    const { page: checked } = await check(acme);
    assert.match(checked, /Result of/);
    assert.match(checked, /Repeat the check/);
    assert.match((await check(acme)).page, /Result of/);
  });

  it('shows and touches one portal only', async () => {
    const [acme, other] = [await install(), await install()];
    const { ticketId } = addCustomer(acme);
    await start(acme, ticketId);
    assert.ok(!(await read(other)).includes(ticketId));
    await post(other, { action: 'cancel' });
    assert.match(await read(acme), /Now send four emails/);
    const answer = await post(other, { action: 'start', ticket: ticketId });
    assert.equal(answer.status, 422);
  });

  it('opens and says so when HubSpot does not answer', async () => {
    const acme = await install();
    await start(acme, addCustomer(acme).ticketId);
    const heal = system.emulator.faults.add({
      portalId: acme.id,
      path: /\/emails\/search$/,
      kind: 'status',
      status: 400,
    });
    assert.match(await read(acme), /HubSpot does not answer as it should/);
    heal();
    assert.doesNotMatch(await read(acme), /HubSpot does not answer as it should/);
  });

  it('keeps hashes of what HubSpot stores with a mail, never the values, the subject or an address', async () => {
    const { rows } = await system.sql.query(
      'select mails, conclusion from mailbox_checks where conclusion is not null',
    );
    assert.ok(rows.length >= 5);
    assert.doesNotMatch(JSON.stringify(rows), /@|Baton|CRM_UI|GMAIL|userId/);
  });
});
