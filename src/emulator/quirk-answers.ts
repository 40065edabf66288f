// Every question the sheets leave open, and all answers to it that the emulator plays: the default first.
import type { Quirks } from './world.ts';

export type QuirkAnswers = {
  [Name in keyof Quirks]: {
    question: string;
    /** Section of PLATFORM.md (P) or DATA.md (D). */
    source: string;
    /** The default first; of a number, some that differ. */
    answers: readonly [Quirks[Name], ...Quirks[Name][]];
  };
};

export const quirkAnswers: QuirkAnswers = {
  threadAssociationName: {
    question: 'What are threads called in association paths?',
    source: 'D 0.4, 3.4',
    answers: ['conversation', 'conversations'],
  },
  threadAssociationTypeId: {
    question: 'Does 32, 278 or nothing tie a ticket to a thread?',
    source: 'D 0.4, 3.4',
    answers: [32, 278, null],
  },
  associatesThreadsLater: {
    question: 'Can the associations API put a thread on an existing ticket?',
    source: 'D 3.1',
    answers: [false, true],
  },
  secondTicketOfThread: {
    question: 'What becomes of a second ticket created for one thread?',
    source: 'D 3.1',
    answers: ['refuse', 'ignore'],
  },
  announcesFirstStage: {
    question: 'Does a new ticket also send a change of its stage?',
    source: 'P 10.3',
    answers: [false, true],
  },
  stampsOriginatingThread: {
    question: 'Does an app-made ticket get its originating thread id?',
    source: 'D 9.5',
    answers: [false, true],
  },
  numericToObjectIds: { question: 'Is toObjectId a number or a string?', source: 'D 3.4', answers: [false, true] },
  batchUpdate: {
    question: 'Does one bad input fail a whole batch update?',
    source: 'D 4, 9.6; P 5.3',
    answers: ['refuse-invalid', 'partial', 'refuse-any'],
  },
  sparseMessagePages: {
    question: 'Do message pages hold fewer rows than asked for?',
    source: 'D 3.2',
    answers: [false, true],
  },
  sameSecondOrder: {
    question: 'In which order do items of one second come?',
    source: 'D 3.2',
    answers: ['arrival', 'createdAt'],
  },
  latestMessageAfterIsInclusive: {
    question: 'Is latestMessageTimestampAfter inclusive?',
    source: 'D 3.2',
    answers: [false, true],
  },
  apiMessageClientType: {
    question: 'Which clientType has a message sent through the API?',
    source: 'D 9.11',
    answers: ['HUBSPOT', 'INTEGRATION'],
  },
  findsAdditionalAddresses: {
    question: 'Does idProperty=email find additional addresses?',
    source: 'D 4',
    answers: [false, true],
  },
  automaticAssociationSource: {
    question: 'Whose doing is an automatic association?',
    source: 'D 2.5',
    answers: ['sender', 'hubspot'],
  },
  repeatedSendResult: {
    question: 'What is the sendResult of a repeated sendId?',
    source: 'D 5',
    answers: ['IDEMPOTENT_IGNORE', 'IDEMPOTENT_FAIL'],
  },
  singleSendLooks: { question: 'After how many looks is a single send COMPLETE?', source: 'D 5', answers: [0, 1] },
  singleSendMs: { question: 'After how long is a single send COMPLETE?', source: 'D 5', answers: [0, 300] },
  searchLagMs: { question: 'How far does the search index lag?', source: 'D 4', answers: [1_000, 0] },
  messageLagMs: { question: 'How soon can a new message be read?', source: 'P 2.5', answers: [0, 1_500] },
  accessTokenSeconds: {
    question: 'How long does an access token live? (1,800 s by the documentation)',
    source: 'P 4.2',
    answers: [1_800, 400],
  },
  codeSeconds: { question: 'How long does an authorization code live?', source: 'P 4.1', answers: [60, 5] },
  rotatesRefreshTokens: {
    question: 'Does a refresh give a new refresh token and end the old?',
    source: 'P 4.2',
    answers: [false, true],
  },
  oauthOptionalFields: {
    question: 'Do OAuth answers hold the fields the spec does not require?',
    source: 'P 4.2, 4.3',
    answers: [true, false],
  },
  cancelledConsent: {
    question: 'What does a declined consent call back with?',
    source: 'P 10.4',
    answers: ['error', 'bare'],
  },
  webhookTypeField: {
    question: 'What does an event call its type?',
    source: 'P 2.4',
    answers: ['subscriptionType', 'eventType'],
  },
  createdFlag: { question: 'Which changeFlag has a creation?', source: 'P 2.4', answers: ['CREATED', 'NEW'] },
  mixesPortals: {
    question: 'Can one delivery hold events of several portals?',
    source: 'P 2.6, 10.9',
    answers: [false, true],
  },
  emailEvents: {
    question: 'What is told of a new email, and in which order?',
    source: 'P 10.1, 10.2; D 9.7',
    answers: ['creation-first', 'association-first', 'creation-only', 'association-only', 'none'],
  },
  helpDeskEvents: {
    question: 'Do help desk threads tell what inbox threads tell?',
    source: 'P 2.5',
    answers: ['all', 'messages', 'none'],
  },
  tellsAfterUninstall: {
    question: 'Do events still come after an uninstall?',
    source: 'P 2.7',
    answers: [false, true],
  },
  signsActionsWithV3: {
    question: 'Do calls of workflow actions carry v3 headers?',
    source: 'P 7.5, 10.10',
    answers: [true, false],
  },
  reportsMissingIds: {
    question: 'Does a batch read name the ids it does not find?',
    source: 'D 4',
    answers: [true, false],
  },
  unassociated: {
    question: 'What does an association read answer for an input that has none?',
    source: 'D 3.4',
    answers: ['reported', 'left-out', 'empty'],
  },
  otherPipelineStage: {
    question: 'What becomes of a stage of another pipeline?',
    source: 'D 4, 9.4',
    answers: ['refuse', 'follow'],
  },
  listsPropertyErrors: {
    question: 'Does errors[] repeat what the message of a refused value says?',
    source: 'D 4',
    answers: [true, false],
  },
  printsOpenStates: {
    question: 'Does an open stage have a ticketState, and any an isClosed?',
    source: 'D 1.4',
    answers: [true, false],
  },
  mergeMakesNewTicket: { question: 'Does a merge make a new ticket?', source: 'P 2.4; D 9.8', answers: [false, true] },
  threadsFollowMerge: {
    question: 'Do threads of a merged ticket name the survivor?',
    source: 'D 7c, 9.8',
    answers: [true, false],
  },
  threadsOfTicket: {
    question: 'Does the list of threads know associatedTicketId?',
    source: 'D 3.2',
    answers: ['filtered', 'ignored', 'refused'],
  },
  messageSort: { question: 'Do message lists obey sort?', source: 'D 3.2', answers: ['asked', 'ascending'] },
  unresolvedActors: {
    question: 'Which actor has an address that is not resolved?',
    source: 'D 3.1',
    answers: ['absent', 'E-'],
  },
  unknownSenders: {
    question: 'What becomes of an unknown address that writes in?',
    source: 'D 3.1',
    answers: ['contact', 'visitor', 'nobody'],
  },
  apiMessageSender: {
    question: 'Who sends a message sent through the API?',
    source: 'D 9.11',
    answers: ['agent', 'app'],
  },
  ticketMailThread: {
    question: 'Is the thread of a mail composed on a ticket with a team address the ticket’s?',
    source: 'D 9.10',
    answers: ['associated', 'apart'],
  },
  contactMailThread: {
    question: 'Where does mail composed on a contact with a team address land?',
    source: 'D 9.9',
    answers: ['new-thread', 'open-thread', 'no-thread'],
  },
  composerMailSource: {
    question: 'Which hs_object_source has a mail sent from the composer?',
    source: 'D 2.3',
    answers: ['CRM_UI', 'EMAIL'],
  },
  mailboxThreadIds: {
    question: 'Do answers by mailbox bear the hs_email_thread_id of what they answer?',
    source: 'D 0.2, 7b',
    answers: ['shared', 'apart', 'absent'],
  },
  namedMailAddresses: {
    question: 'Are addresses in hs_email_headers written with a name?',
    source: 'D 2.2',
    answers: [false, true],
  },
};
