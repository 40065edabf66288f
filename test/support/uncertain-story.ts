// One rich story of a portal: all four automations, both directions, mail that must move nothing, a merge, refusals, an uninstall.
import assert from 'node:assert/strict';
import type { PortalOptions } from '../../src/emulator/portal.ts';
import { defaultPipelines } from '../../src/emulator/portal.ts';
import type { InstalledPortal, System } from './system.ts';
import { workflowCall } from './workflow-call.ts';

/** A help desk, and a second pipeline that no rule is for. */
export const storyPortal: Partial<PortalOptions> = {
  inboxes: [{ name: 'Help desk', type: 'HELP_DESK' }],
  pipelines: [
    ...defaultPipelines(),
    { id: '7', label: 'Returns', stages: [{ id: '71', label: 'Sent back', ticketState: 'OPEN' }] },
  ],
  marketingEmails: [{ id: '123456', name: 'Your ticket is closed' }],
};

export function storySettings(userId: string) {
  const reply = { via: 'thread', senderUserId: userId, body: 'Hello, we have your request.' };
  const note = (id: string) => ({ id, kind: 'add-note', body: id });
  const rules = {
    newConversation: { enabled: true, stageId: '1', graceSeconds: 0 },
    outgoing: { enabled: true, stageId: '2' },
    incoming: { enabled: true, stageId: '3' },
    stageActions: {
      '1': [{ id: 'reply', kind: 'send-notification', ...reply }, note('new')],
      '4': [{ id: 'mail', kind: 'send-notification', via: 'transactional', emailId: 123456 }, note('closed')],
    },
  };
  return { pipelines: { '0': rules }, mailbox: { evidence: 'associated' } };
}

/** What people find in the portal in the end. */
export type Ends = {
  /** Stage of each ticket, by its subject. */
  stages: Record<string, string>;
  /** Its notes. */
  notes: Record<string, string>;
  /** How many mails Baton wrote into the conversation of each customer. */
  replies: Record<string, number>;
  /** Addresses that got the transactional mail. */
  mailed: string[];
  /** Answers of the workflow action. */
  workflow: string | undefined;
};

/** The story as one portal lives it; each of `steps` is followed by a pause in which Baton does its work. */
export function tellStory(system: System, acme: InstalledPortal) {
  const { portal, userId } = acme;
  const threads: Record<string, string> = {};
  const ids: Record<string, string> = {};
  const undo: Array<() => void> = [];
  let workflow: string | undefined;
  const address = (name: string) => `${name}@customer.example`;

  const writes = (name: string, subject = name): void => {
    threads[subject] = portal.receiveMessage({ from: address(name), name, subject, text: `The ${subject}.` }).threadId;
  };
  const replies = (name: string, more: { from?: string; at?: number } = {}): void => {
    portal.receiveMessage({ from: address(name), threadId: getThread(name), text: 'And now?', ...more });
  };
  const answers = (name: string, more: { cc?: string[]; at?: number } = {}): void => {
    portal.sendMessage({ threadId: getThread(name), userId, text: 'Which one?', ...more });
  };
  const getThread = (name: string): string => threads[name] ?? assert.fail(`no thread ${name}`);
  const ticketOf = (subject: string): string =>
    portal.listTickets().find((ticket) => ticket.subject === subject)?.id ?? assert.fail(`no ticket ${subject}`);
  const makes = (name: string, stageId: string, more: { threadIds?: string[]; fromEmailId?: string } = {}): void => {
    const { contactId } = portal.addContact({ email: address(name) });
    const made = { subject: name, stageId, pipelineId: '0', contactIds: [contactId] };
    ids[name] = portal.createTicket({ userId, ...made, ...more }).ticketId;
  };
  /** Does it right before Baton's next write of the kind. */
  const beforeNext = (path: RegExp, act: () => void): void => {
    const remove = system.emulator.onRequest((info, phase) => {
      if (phase !== 'before' || info.portalId !== acme.id || !path.test(`${info.method} ${info.path}`)) return;
      remove();
      act();
    });
    undo.push(remove);
  };
  const mailbox = (name: string, from: 'ticket' | 'contact'): void => {
    const mail = { userId, to: address(name), subject: 'Your matter', text: 'See below.' };
    portal.sendMailboxEmail({ ...mail, from, ticketId: ids[name], contactId: portal.contactId(address(name)) });
  };

  const steps: Array<() => void | Promise<void>> = [
    () => {
      writes('ann');
      portal.addContact({ email: 'bob@office.example', additionalEmails: [address('bob')] });
      writes('bob');
      writes('eve');
      const erased = portal.contactId(address('eve'));
      if (erased) portal.eraseContact(erased);
      writes('guy');
      for (const name of ['hal', 'ida']) makes(name, '3');
      portal.addContact({ email: address('joe') });
      writes('joe');
    },
    () => {
      answers('ann');
      portal.comment({ threadId: getThread('ann'), userId, text: 'Ask the plumber.' });
      mailbox('hal', 'contact');
      portal.expireTokens();
    },
    () => {
      replies('ann');
      mailbox('hal', 'ticket');
      const mail = { userId, to: address('ida'), subject: 'Your visit', text: 'When?' };
      portal.startThread({ ...mail, ticketId: ids.ida as string });
    },
    () => {
      answers('ann', { cc: ['cy@partner.example'] });
      writes('ann', 'something else');
      const contactId = portal.contactId(address('joe')) as string;
      portal.sendContactMail({ contactId, userId, subject: 'News', text: 'Read this.' });
    },
    () => {
      replies('ann', { from: 'cy@partner.example' });
      makes('dot', '2');
      portal.mergeTickets({ primaryId: ids.dot as string, mergedId: ticketOf('bob'), userId });
    },
    () => {
      replies('bob');
      answers('ann');
      for (const name of ['kim', 'lee']) writes(name);
      makes('by hand', '3', { threadIds: [getThread('kim'), getThread('lee')] });
      beforeNext(/^POST .*\/tickets$/, () => {
        portal.createTicket({ userId, fromThreadId: getThread('ray') });
      });
      writes('ray');
    },
    () => {
      // One batch: a move that the portal refuses, and one that it takes.
      portal.configure({ requiredForStage: { '2': ['hs_ticket_category'] } });
      answers('eve');
      replies('ann');
    },
    async () => {
      portal.configure({ requiredForStage: {} });
      portal.moveTicket({ ticketId: ticketOf('eve'), stageId: '4', userId });
      system.emulator.faults.add({ portalId: acme.id, path: /single-email\/send$/, kind: 'apply-then-drop', times: 1 });
      const inputFields = { via: 'thread', senderUserId: userId, body: 'The workflow says hello.' };
      const named = { callbackId: `ap-${acme.id}`, portalId: acme.id, ticketId: ticketOf('something else') };
      const url = `${system.publicUrl}/hubspot/workflow-actions/send-notification`;
      const body = JSON.stringify(workflowCall({ ...named, inputFields }));
      const headers = { 'content-type': 'application/json', ...portal.signAction({ method: 'POST', url, body }) };
      const answer = await fetch(url, { method: 'POST', body, headers });
      const told = (await answer.json()) as { outputFields?: { hs_execution_state?: string } };
      workflow = told.outputFields?.hs_execution_state;
      answers('kim');
      replies('lee');
      const mail = { from: address('max'), userId, subject: 'Lamp', text: 'It is dark.' };
      const { emailId } = portal.receiveMailboxEmail(mail);
      makes('max', '2', { fromEmailId: emailId });
      const emailThreadId = portal.email(emailId).hs_email_thread_id;
      const ticketIds = [ids.max as string];
      portal.receiveMailboxEmail({ ...mail, subject: 'Re: Lamp', emailThreadId, ticketIds });
    },
    () => {
      replies('kim');
      const ticketId = ticketOf('guy');
      // The ticket goes to another pipeline right before Baton writes.
      beforeNext(/^POST .*\/tickets\/batch\/update$/, () =>
        portal.moveTicket({ ticketId, pipelineId: '7', stageId: '71', userId }),
      );
      answers('guy');
      const second = Math.floor(Date.now() / 1_000 - 1) * 1_000;
      answers('ann', { at: second + 500 });
      replies('ann', { at: second + 700 });
    },
  ];

  return {
    steps,
    ends(): Ends {
      const tickets = portal.listTickets();
      const stages = tickets.map(({ subject, stageId }) => [subject, stageId] as const);
      const notes = tickets.map(({ id, subject }) => {
        const bodies = portal.ticket(id).notes.map(({ properties }) => properties.hs_note_body ?? '');
        return [subject, bodies.join(', ')] as const;
      });
      const byBaton = Object.entries(threads).map(([subject, threadId]) => {
        return [subject, portal.sentMail(threadId).filter(({ byApp }) => byApp).length] as const;
      });
      return {
        stages: Object.fromEntries(stages.toSorted()),
        notes: Object.fromEntries(notes.filter(([, bodies]) => bodies !== '').toSorted()),
        replies: Object.fromEntries(byBaton.filter(([, count]) => count > 0).toSorted()),
        mailed: portal.sentEmails().map(({ to }) => to),
        workflow,
      };
    },
    /** The app is taken out while something is on its way, and then the customer writes again. */
    uninstall(): void {
      replies('kim');
      portal.uninstall();
      answers('kim');
    },
    stop(): void {
      for (const remove of undo) remove();
    },
  };
}

export type Story = ReturnType<typeof tellStory>;
