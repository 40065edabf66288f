// Whether a mail is the answer a helpdesk's program gives to every mail: received, numbered, somebody will answer.
import {
  commentLine,
  namesNumber,
  officeHours,
  promised,
  received,
  selfService,
  teamVoice,
} from './automatic-desk-phrases.ts';
import { aims, courtesy, deferred, greetsAnyMail, retired, saysAutomatic } from './automatic-phrases.ts';
import {
  add,
  addSignals,
  asks,
  type Found,
  type Mail,
  relaysForm,
  type Score,
  says,
  saysNothingElse,
  threshold,
} from './automatic-signs.ts';

const saysI =
  /(?:^|[\s(])(?:i|i'm|i'll|i've|my|ich|mein\w{0,2}|je|j'ai|mon|ma|mes|yo|mi|io|ho|eu|meu|minha|ik|mijn)[\s,]/;

export function findHelpdeskAnswer(mail: Mail): Found {
  const { subject, words } = mail;
  if (subject.forwarded || mail.body.forwards || !words) return undefined;
  const score: Score = { points: 0, names: [] };
  add(score, 'subject-automatic', 3, subject.automatic);
  add(score, 'subject-receipt', 2, subject.receipt);
  add(score, 'subject-number', 1, subject.number);
  add(score, 'sender-no-reply', 2, mail.sender === 'no-reply');
  add(score, 'sender-role', 1, mail.sender === 'role');
  const confirms = says(words, received) || says(words, greetsAnyMail) || subject.receipt;
  addSignals(score, words, [received, greetsAnyMail, commentLine, saysAutomatic, promised, namesNumber]);
  addSignals(score, words, [officeHours, selfService, teamVoice]);
  add(score, 'asks', -2, asks(words));
  // An agent's canned sentences stand around what he has to say.
  const programs = subject.automatic || subject.receipt || mail.sender === 'no-reply' || says(words, saysAutomatic);
  if (!programs && !says(words, commentLine)) addSignals(score, words, [aims]);
  add(score, 'relays-a-form', -3, relaysForm(mail.body.own) && !subject.receipt);
  // A desk speaks as "we"; who says "I" and has no automatic subject is taken for a person.
  add(score, 'says-i', -2, !subject.automatic && saysI.test(words));
  const nothingElse = add(score, 'says-nothing-else', 1, saysOnlyReceipt(mail) && !says(words, aims));
  // Newsletters too say that nobody reads their mailbox, but they say more.
  const givenUp = nothingElse && add(score, retired.name, retired.weight, says(words, retired));
  if (!(confirms || givenUp) || score.points < threshold || !readsAsHelpdesk(score)) return undefined;
  return { kind: 'auto-reply', names: score.names };
}

function saysOnlyReceipt({ sentences }: Mail): boolean {
  return saysNothingElse(sentences, [
    received,
    greetsAnyMail,
    commentLine,
    saysAutomatic,
    promised,
    namesNumber,
    officeHours,
    selfService,
    deferred,
    retired,
    courtesy,
  ]);
}

/**
 * Agents write canned sentences from a desk's address too, and then help: so a mark that only programs leave, or else an answer that is
 * only promised, in the whole formula or with nothing beside it.
 */
function readsAsHelpdesk({ names, points }: Score): boolean {
  const marks = ['sender-no-reply', 'subject-automatic', 'subject-receipt', 'says-automatic', 'comment-line'];
  const formula = ['receipt-confirmed', 'thanks-for-writing', 'answer-promised'];
  const confirmed = [
    'receipt-confirmed',
    'answer-promised',
    'subject-receipt',
    'subject-automatic',
    'comment-line',
    'mailbox-retired',
  ];
  if (!names.some((name) => confirmed.includes(name))) return false;
  const whole = formula.every((name) => names.includes(name));
  const saysNoMore = names.includes('says-nothing-else');
  if (whole && saysNoMore && !names.includes('says-i')) return true;
  const fromDesk = names.includes('sender-role') || names.includes('subject-number');
  const onlyPromises = names.includes('answer-promised') && fromDesk && (whole || points > threshold);
  const nothingElse = fromDesk && saysNoMore && names.includes('answer-promised');
  return onlyPromises || nothingElse || names.some((name) => marks.includes(name));
}
