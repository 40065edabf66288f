// English about mailbox mail: what the evidence says of it, and the page of the check.

export const enMailbox = {
  /** As rules/mailbox-picture.ts and rules/mailbox-check.ts write it, with `#` for the first number. */
  seen: {
    off: 'switched off',
    auto: 'Baton finds out by itself',
    associated: 'by the ticket HubSpot put it on',
    fingerprint: 'by the mailbox check',
    'auto: # of 3 mails seen that prove it':
      '# of 3 mails seen that prove it: sent to a contact who has one open ticket, and put on no ticket by HubSpot',
    'auto: # of 3 mails seen that prove it, since a mail was put on several tickets at once':
      '# of 3 mails seen that prove it, since a mail was put on several tickets at once',
    'auto: # of 3 mails seen that prove it, since something other than the sender put a mail on a ticket':
      '# of 3 mails seen that prove it, since something other than the sender put a mail on a ticket',
    'auto: # of 3 mails seen that prove it, since the check found mail of the contact record on a ticket':
      '# of 3 mails seen that prove it, since the mailbox check found mail of a contact record on a ticket',
    'auto: the last # mails are all on a ticket, so the proof is in doubt':
      'in doubt: each of the last # mails is on a ticket, so HubSpot may put them there by itself',
    'auto: proven by # mails':
      'proven by # mails to contacts who had one open ticket: HubSpot put none of them on a ticket by itself',
    'auto: proven by the check': 'proven by the mailbox check',
    'fingerprint: by the check': 'by what the mailbox check found',
    'fingerprint: no check has found one': 'no mailbox check has found how to tell them apart',
    'fingerprint: in doubt, since a mail that looks sent from a ticket is on none':
      'in doubt: a mail that looks sent from a ticket is on no ticket; please repeat the mailbox check',
    ticket: 'like those sent from the ticket',
    contact: 'like those sent from the contact record',
    neither: 'like neither',
    sender: 'the sender',
    other: 'somebody or something else',
  },
  check: {
    title: 'Mailbox check',
    lead: 'HubSpot does not say on which record an email from a personal mailbox was written. Four test emails show how your portal treats them. This takes you two minutes, and Baton one more.',
    back: 'Back to the settings',
    knownTitle: 'What Baton knows now',
    known: (why: string) => `Seen so far: ${why}.`,
    counts: 'They count for the ticket they were sent from.',
    countsNot: 'They do not move tickets.',
    start: 'Start the check',
    again: 'Repeat the check',
    ticket: 'Number of a test ticket',
    ticketHint:
      'Make a ticket in HubSpot for a contact whose mail you can read, yourself for example. The number is at the end of the ticket’s web address; you can also paste the whole address. The contact must have no other open ticket.',
    faultTitle: 'The check has not started',
    faults: {
      number: 'Enter the number of a ticket, or paste the web address of its page in HubSpot.',
      gone: 'HubSpot knows no ticket with this number.',
      closed: 'This ticket is closed. HubSpot may treat mail about closed tickets differently: choose an open one.',
      noContact: 'This ticket has no contact with an email address. Add one to it in HubSpot.',
      otherOpen:
        'The contact of this ticket has other open tickets. HubSpot may treat their mail differently: choose a contact with this one open ticket.',
      unreadable: 'HubSpot does not answer as it should at the moment. Please try again in a few minutes.',
    },
    runningTitle: 'Now send four emails from HubSpot',
    steps: (contactSubject: string, ticketSubject: string) => [
      'Send with your own connected mailbox, not with the team address. Leave the box of associated records as HubSpot fills it in.',
      `Open the ticket. Write an email to its contact, with the subject: ${ticketSubject}`,
      `Open the contact. Write an email from there, with the subject: ${contactSubject}`,
      'Do both once more, so that nothing is left to chance.',
    ],
    openTicket: 'Open the ticket in HubSpot',
    openContact: 'Open the contact in HubSpot',
    arrivedTitle: 'What has arrived',
    arrived: (fromTicket: number, fromContact: number) =>
      `${fromTicket} of 2 from the ticket, ${fromContact} of 2 from the contact record.`,
    settling: 'All are here. Baton waits until the last is one minute old, in case HubSpot still puts it on a ticket.',
    unreadable: 'HubSpot does not answer as it should at the moment. Baton keeps looking.',
    look: 'Look again now',
    cancel: 'Stop the check',
    mail: 'email',
    tickets: 'on tickets:',
    origins: { ticket: 'From the ticket', contact: 'From the contact record' },
    none: 'none',
    resultTitle: (when: string) => `Result of ${when}`,
    results: {
      apart:
        'Your portal keeps them apart: what was sent from the ticket is on the ticket, what was sent from the contact record is on none. With “Let Baton find out”, emails sent from the ticket count from now on.',
      mixed:
        'HubSpot puts emails written on the contact record on a ticket by itself. An association therefore tells nothing, and with “Let Baton find out” such emails do not move tickets.',
      unclear:
        'An email sent from the ticket is not on that ticket alone, so an association tells nothing. Please look at your activity associations in HubSpot, and repeat the check.',
    },
    fingerprint: (names: string) =>
      `The two differ in what HubSpot stores with them (${names}). “As the mailbox check found” can be chosen in the settings.`,
    noFingerprint: 'Beside the tickets, nothing HubSpot stores with them tells the two apart.',
    evidence: 'The emails of this check',
  },
};
export type MailboxWords = typeof enMailbox;
