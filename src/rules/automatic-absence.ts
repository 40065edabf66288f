// Whether a mail is the answer of somebody's absence assistant, or another answer sent under a mail program's own subject.

import { officeHours, promised, received } from './automatic-desk-phrases.ts';
import {
  absence,
  absenceTopic,
  aims,
  answersShortly,
  closed,
  courtesy,
  deferred,
  greetsAnyMail,
  offersHimself,
  otherContact,
  repliesLater,
  requests,
  retired,
  returnDate,
  saysAutomatic,
  speaksOfAutomatic,
  speaksToAbsent,
  substitute,
  unread,
} from './automatic-phrases.ts';
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
import { foldText } from './own-text.ts';

const generalAddressee =
  /^(?:there|all|sir|sirs|madam|sender|customer|customers|client|friend|colleague|colleagues|valued|team|everyone|everybody|folks|user|correspondent|and|damen|herren|zusammen|absender|kunde|kundin|kollegen|leser|madame|monsieur|messieurs|mesdames|tous|toutes|client|cliente|et|remitente|senor|senora|senores|clientes?|todos|mittente|signore|signora|tutti|remetente|senhor|senhora|afzender|klant|lezer|heer|mevrouw|relatie|thank|thanks|i|ich|je)$/;
const groupGreeting =
  /^(?:hi|hello|hey|dear|hallo|liebe|bonjour|salut|hola|ciao|ola|beste)(?: [a-z]{2,12})? (?:all|team|everyone|folks|zusammen|kolleg\w{1,6}|a tous|tous|equipo|a todos|todos|tutti|a tutti|allemaal|collega's)\b/;
// "I will be out", "next week": what people announce. An absence assistant is switched on when the absence has begun.
const aheadOfTime =
  /\b(?:will|'ll|shall|going to) be (?!back|return)|\b(?:serai|serons|estare|estaremos|saro|saremo|estarei|estaremos) (?!de (?:retour|nouveau|vuelta|volta|ritorno)|di ritorno|di nuovo)|\b(?:vou|zal|zullen|next|nachste\w?|kommende\w?|prochaine?s?|proxim[oa]s?|prossim[oa]|volgende|komende|tomorrow|ab morgen|demain|manana|domani|amanha)\b/;
// A consequence is drawn for something both know of.
const butSentence =
  /\b(?:but|so|therefore|aber|daher|deshalb|mais|donc|alors|maar|dus|pero|asi que|por lo que|ma|quindi|percio|mas|porem|portanto|por isso)\b/;
const coordinates =
  /\S@\S{1,60}\.\w|(?:\+|\b)\d[\d ()./-]{5,20}\d\b|\b(?:ext|extension|durchwahl|poste|toestel|interno|ramal)\.? ?\d{2,5}\b/;
const away = [
  'closed',
  'absence',
  'absence-topic',
  'answer-deferred',
  'subject-absence',
  'subject-absence-of',
  'mail-unread',
  'return-date',
];

/** "Hi Anna," at the top: a responder knows nobody's name. Helpdesk answers do, so this speaks only against an out-of-office. */
function greetsByName(own: string): boolean {
  const first = own.split('\n', 1)[0] ?? '';
  const match =
    /^(?:hi|hey|hello|dear|hallo|hoi|liebe[r]?|sehr geehrte[r]? (?:frau|herr)|bonjour|salut|ch[eè]re?|hola|estimad[oa]|ciao|gentile|car[oa]|ol[aá]|prezad[oa]|beste|geachte)\s+(\p{Lu}[\p{L}\p{M}'-]{1,30})[\s,.!:–-]/iu.exec(
      `${first} `,
    );
  const name = match?.[1];
  return name !== undefined && /^\p{Lu}/u.test(name) && !generalAddressee.test(foldText(name));
}

function isAway(names: string[]): boolean {
  return names.includes('absence') || names.includes('closed');
}

/** Also finds what is no absence at all but stands under "Automatic reply: ...". */
export function findOutOfOffice(mail: Mail): Found {
  const { subject, words } = mail;
  if (subject.forwarded || mail.body.forwards || (!words && !subject.answerOf)) return undefined;
  const score: Score = { points: 0, names: [] };
  scoreSubject(score, mail);
  addSignals(score, words, [absence, closed, returnDate, substitute, unread, deferred, greetsAnyMail, saysAutomatic]);
  if (!score.names.includes('substitute')) addSignals(score, words, [otherContact]);
  // Newsletters too say that nobody reads their mailbox, so without a responder's subject that tells nothing.
  if (subject.automatic) addSignals(score, words, [promised, retired, received]);
  if (subject.automatic && !isAway(score.names)) addSignals(score, words, [absenceTopic]);
  addSignals(score, words, [speaksToAbsent, requests, speaksOfAutomatic, answersShortly, aims]);
  add(score, 'sender-no-reply', 1, mail.sender === 'no-reply');
  if (!subject.automatic) addSignals(score, words, [offersHimself]);
  add(score, 'asks', -2, asks(words));
  add(score, 'relays-a-form', -3, relaysForm(mail.body.own));
  add(score, 'greets-by-name', subject.automatic ? -2 : -3, greetsByName(mail.body.own));
  add(score, 'greets-a-group', -2, groupGreeting.test(words));
  add(score, 'says-nothing-else', 1, saysOnlyAbsence(mail));
  if (score.points < threshold || !readsAsResponder(mail, score.names)) return undefined;
  return { kind: kindOf(mail, score.names), names: score.names };
}

/**
 * A mail program writes "Automatic reply: <subject of the mail>", and one who answers that writes "Re: " before it or quotes it, so the
 * subject alone is enough where nothing is quoted.
 */
function scoreSubject(score: Score, { subject, body }: Mail): void {
  if (add(score, 'subject-automatic-of', 5, subject.answerOf && !body.quotes)) return;
  if (add(score, 'subject-automatic', 3, subject.automatic)) return;
  if (!add(score, 'subject-absence-of', 2, subject.absenceOf)) add(score, 'subject-absence', 1, subject.absence);
}

function saysOnlyAbsence({ sentences }: Mail): boolean {
  return saysNothingElse(sentences, [
    absence,
    closed,
    substitute,
    otherContact,
    unread,
    deferred,
    greetsAnyMail,
    saysAutomatic,
    promised,
    retired,
    officeHours,
    courtesy,
  ]);
}

function kindOf({ sender, subject }: Mail, names: string[]): 'out-of-office' | 'auto-reply' {
  if (subject.namesAbsence || names.some((name) => away.includes(name))) return 'out-of-office';
  const desk = sender === 'role' || sender === 'no-reply' || names.includes('receipt-confirmed');
  return desk || names.includes('mailbox-retired') ? 'auto-reply' : 'out-of-office';
}

/** What a mail program's subject is to be borne out by: somebody may have cut the "Re: " off before he answered it. */
const machineSigns = [
  ...away,
  'substitute',
  'other-contact',
  'thanks-for-writing',
  'says-automatic',
  'answer-promised',
  'mailbox-retired',
  'receipt-confirmed',
];
const knownWords = new Set(
  'the and you your for is are this will have my to of we i us our it with not can le la les des vous votre je est pour une pas nous der die das und ich ist nicht sie ihre wir mit el los su por que con il di non che per sono os het een ik niet van voor uw en de na um com'.split(
    ' ',
  ),
);

/** Written in none of the seven languages, so that no sign could be met in it. Five words tell; letters other than Latin tell at once. */
function isForeign(words: string): boolean {
  const seen = words.slice(0, 2_000).match(/\p{L}+/gu) ?? [];
  if (seen.some((word) => /[^\p{Script=Latin}]/u.test(word))) return true;
  return seen.length >= 5 && seen.filter((word) => knownWords.has(word)).length < seen.length / 10;
}

/** Points alone do not do: somebody who answers "Automatic reply: ..." may name dates and call it urgent, somebody who leaves may too. */
function readsAsResponder(mail: Mail, names: string[]): boolean {
  const { subject } = mail;
  const has = (...wanted: string[]) => wanted.some((name) => names.includes(name));
  if (has('subject-automatic-of')) return !mail.words || has(...machineSigns) || isForeign(mail.words);
  const answers = has('thanks-for-writing', 'answer-deferred', 'says-automatic');
  const formal = has('substitute', 'other-contact', 'mail-unread', 'says-automatic');
  if (subject.automatic) {
    const standsForItself = [
      'absence',
      'closed',
      'mailbox-retired',
      'says-automatic',
      'mail-unread',
      'answer-deferred',
      'absence-topic',
    ];
    return has(...standsForItself) || (has('thanks-for-writing') && has('answer-promised', 'substitute'));
  }
  // Without a mail program's subject it must read as an answer to any mail, and name somebody else or say that mail goes unread:
  // "I'm out until Monday, will look at it then" is what people write.
  if (!isAway(names)) return false;
  if (subject.absenceOf ? answers || formal : answers && formal) return true;
  return has('says-nothing-else') && has('return-date') && statesAbsence(mail, names);
}

/** Nothing is said but an absence that has begun, and either whom to reach instead and how, or the whole formula, or the subject says it too. */
function statesAbsence({ sentences, words }: Mail, names: string[]): boolean {
  const stated = sentences.some(
    (sentence) =>
      (says(sentence, absence) || says(sentence, closed)) && !aheadOfTime.test(sentence) && !butSentence.test(sentence),
  );
  const reachable = names.includes('substitute') && coordinates.test(words);
  const formula =
    (names.includes('thanks-for-writing') || names.includes('closed')) &&
    (says(words, repliesLater) || names.includes('closed'));
  return stated && (reachable || formula || names.includes('subject-absence'));
}
