// Whether a machine wrote a mail: out-of-office, helpdesk answer, delivery notice, calendar answer. And whether a person only says thanks.
//
// No RFC header reaches the app (DATA.md 3.1), so several independent signs must add up: sender, subject and the writer's own words.
// No sign convicts alone, except a sender that can be no person. In doubt a mail is a person's: a missed auto-reply costs a wrong status, a
// swallowed person costs a customer (PRODUCT.md 5).
import { readSender, readSubject, type SenderKind, type SubjectSigns } from './automatic-origin.ts';
import {
  absence,
  absenceTopic,
  commentLine,
  deferred,
  greetsAnyMail,
  namesNumber,
  officeHours,
  promised,
  received,
  requests,
  retired,
  returnDate,
  type Signal,
  saysAutomatic,
  selfService,
  speaksToAbsent,
  substitute,
  teamVoice,
  unread,
} from './automatic-phrases.ts';
import { isOnlyThanks } from './automatic-thanks.ts';
import { foldText, type OwnText, readOwnText } from './own-text.ts';

export type MailInput = {
  subject: string | null;
  /** `Name <address>` or a bare address. */
  from: string | null;
  text: string | null;
  html: string | null;
};
export type AutomaticKind = 'out-of-office' | 'auto-reply' | 'bounce' | 'calendar-answer';
export type Classification = {
  automatic: boolean;
  kind: AutomaticKind | null;
  /** A person's own words are nothing but thanks. Never true together with `automatic`. */
  thanks: boolean;
  /** Names of the signs seen, joined by `+`; `none` when there were none. Never a word or an address of the mail. */
  reason: string;
};

type Mail = {
  sender: SenderKind;
  senderCertain: boolean;
  subject: SubjectSigns;
  body: OwnText;
  /** The own words, folded, on one line, without what stands in quotation marks. */
  words: string;
};
type Score = { points: number; names: string[] };

/** What the signs must add up to: a mail program's subject (3) and one sign of its own words (2), or as much from the words alone. */
const threshold = 5;

/** Pure; never throws; linear in the input (texts are cut at 20,000 characters). */
export function classifyMessage(input: MailInput): Classification {
  const mail = readMail(input);
  const found =
    findCalendarAnswer(mail) ??
    findBounce(mail) ??
    findReadReceipt(mail) ??
    findOutOfOffice(mail) ??
    findHelpdeskAnswer(mail);
  if (found) return { automatic: true, kind: found.kind, thanks: false, reason: found.names.join('+') };
  const thanks = !mail.body.forwards && !mail.body.truncated && isOnlyThanks(mail.body.own, input.from);
  return { automatic: false, kind: null, thanks, reason: thanks ? 'only-thanks' : 'none' };
}

type Found = { kind: AutomaticKind; names: string[] } | undefined;

function readMail(input: MailInput): Mail {
  const body = readOwnText(input);
  const sender = readSender(input.from);
  // What somebody puts in quotation marks is not said by himself: "I got 'this is an automatic reply' from you".
  const words = foldText(body.own)
    .replace(/\s+/g, ' ')
    .replace(/["“”„«»][^"“”„«»]{12,600}["“”„«»]/g, ' ');
  return {
    sender: sender.kind,
    senderCertain: sender.certain,
    subject: readSubject(input.subject, input.from),
    body,
    words,
  };
}

function add(score: Score, name: string, points: number, holds: boolean): boolean {
  if (holds) {
    score.points += points;
    score.names.push(name);
  }
  return holds;
}

function says(words: string, signal: Signal): boolean {
  return signal.patterns.some((pattern) => pattern.test(words));
}

function addSignals(score: Score, words: string, signals: Signal[]): void {
  for (const signal of signals) add(score, signal.name, signal.weight, says(words, signal));
}

/** Something is asked of the reader. Addresses of pages hold question marks too, so they do not count. */
function asks(words: string): boolean {
  return /\?(?:\s|$|["')\]])/.test(words.replace(/https?:\/\/\S{1,500}/g, ' '));
}

const generalAddressee =
  /^(?:there|all|sir|sirs|madam|sender|customer|customers|client|friend|colleague|colleagues|valued|team|everyone|everybody|folks|user|correspondent|and|damen|herren|zusammen|absender|kunde|kundin|kollegen|leser|madame|monsieur|messieurs|mesdames|tous|toutes|client|cliente|et|remitente|senor|senora|senores|clientes?|todos|mittente|signore|signora|tutti|remetente|senhor|senhora|afzender|klant|lezer|heer|mevrouw|relatie)$/;

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

const groupGreeting =
  /^(?:hi|hello|hey|dear|hallo|liebe|bonjour|salut|hola|ciao|ola|beste)(?: [a-z]{2,12})? (?:all|team|everyone|folks|zusammen|kolleg\w{1,6}|a tous|tous|equipo|a todos|todos|tutti|a tutti|allemaal|collega's)\b/;

function findOutOfOffice(mail: Mail): Found {
  if (mail.subject.forwarded || mail.body.forwards || !mail.words) return undefined;
  const { subject, words } = mail;
  const score: Score = { points: 0, names: [] };
  if (
    !add(score, 'subject-automatic', 3, subject.automatic) &&
    !add(score, 'subject-absence-of', 2, subject.absenceOf)
  ) {
    add(score, 'subject-absence', 1, subject.absence);
  }
  addSignals(score, words, [absence, returnDate, substitute, unread, deferred, greetsAnyMail, saysAutomatic]);
  // Newsletters too say that nobody reads their mailbox, so without a responder's subject that tells nothing.
  if (subject.automatic) addSignals(score, words, [promised, retired]);
  if (subject.automatic && !score.names.includes('absence')) addSignals(score, words, [absenceTopic]);
  addSignals(score, words, [speaksToAbsent, requests]);
  add(score, 'sender-no-reply', 1, mail.sender === 'no-reply');
  add(score, 'asks', -2, asks(words));
  add(score, 'greets-by-name', subject.automatic ? -2 : -3, greetsByName(mail.body.own));
  add(score, 'greets-a-group', -2, groupGreeting.test(words));
  if (score.points < threshold || !readsAsResponder(subject, score.names)) return undefined;
  const away = ['absence', 'absence-topic', 'answer-deferred', 'subject-absence', 'subject-absence-of'];
  return { kind: score.names.some((name) => away.includes(name)) ? 'out-of-office' : 'auto-reply', names: score.names };
}

/** Points alone do not do: somebody who answers "Automatic reply: ..." may name dates and call it urgent, somebody who leaves may too. */
function readsAsResponder(subject: SubjectSigns, names: string[]): boolean {
  const has = (...wanted: string[]) => wanted.some((name) => names.includes(name));
  if (subject.automatic) {
    const standsForItself = has(
      'absence',
      'mailbox-retired',
      'says-automatic',
      'mail-unread',
      'answer-deferred',
      'absence-topic',
    );
    return standsForItself || (has('thanks-for-writing') && has('answer-promised', 'substitute'));
  }
  // Without a mail program's subject it must read as an answer to any mail, and name somebody else or say that mail goes unread:
  // "I'm out until Monday, will look at it then" is what people write.
  const answers = has('thanks-for-writing', 'answer-deferred', 'says-automatic');
  const formal = has('substitute', 'mail-unread', 'says-automatic');
  return has('absence') && (subject.absenceOf ? answers || formal : answers && formal);
}

function findHelpdeskAnswer(mail: Mail): Found {
  if (mail.subject.forwarded || mail.body.forwards || !mail.words) return undefined;
  const score: Score = { points: 0, names: [] };
  add(score, 'subject-automatic', 3, mail.subject.automatic);
  add(score, 'subject-receipt', 2, mail.subject.receipt);
  add(score, 'subject-number', 1, mail.subject.number);
  add(score, 'sender-no-reply', 2, mail.sender === 'no-reply');
  add(score, 'sender-role', 1, mail.sender === 'role');
  const confirms = says(mail.words, received) || says(mail.words, greetsAnyMail) || mail.subject.receipt;
  addSignals(score, mail.words, [received, greetsAnyMail, commentLine, saysAutomatic, promised, namesNumber]);
  addSignals(score, mail.words, [officeHours, selfService, teamVoice]);
  add(score, 'asks', -2, asks(mail.words));
  // A desk speaks as "we"; who says "I" and has no automatic subject is taken for a person.
  add(
    score,
    'says-i',
    -2,
    !mail.subject.automatic &&
      /(?:^|[\s(])(?:i|i'm|i'll|i've|my|ich|mein\w{0,2}|je|j'ai|mon|ma|mes|yo|mi|io|ho|eu|meu|minha|ik|mijn)[\s,]/.test(
        mail.words,
      ),
  );
  if (!confirms || score.points < threshold || !readsAsHelpdesk(score)) return undefined;
  return { kind: 'auto-reply', names: score.names };
}

/**
 * Agents write canned sentences from a desk's address too, and then help: so a mark that only programs leave, or else an answer that is
 * only promised, in the whole formula or with one sign more.
 */
function readsAsHelpdesk({ names, points }: Score): boolean {
  const marks = ['sender-no-reply', 'subject-automatic', 'subject-receipt', 'says-automatic', 'comment-line'];
  const formula = ['receipt-confirmed', 'thanks-for-writing', 'answer-promised'];
  const fromDesk = names.includes('sender-role') || names.includes('subject-number');
  const whole = formula.every((name) => names.includes(name));
  const onlyPromises = names.includes('answer-promised') && fromDesk && (whole || points > threshold);
  return onlyPromises || names.some((name) => marks.includes(name));
}

const deliveryCode =
  /\b[45]\d\d[- ]{1,3}(?:#|\()?[45]\.\d{1,3}\.\d{1,3}\b|\b(?:final-recipient|original-recipient|reporting-mta|diagnostic-code|remote-mta|arrival-date|status): ?\S|\bsmtp (?:error|protocol|; ?[45]\d\d)|\b(?:remote server returned|generating server|host \S{1,100} said)|\b[45]\.\d\.\d{1,3}\b.{0,60}\b(?:unknown|rejected|denied|full|not found|bad destination|unavailable|exist)|\b(?:550|551|552|553|554|421|450|451|452)[ -]\S/;
const deliveryWords =
  /\b(?:(?:could not|couldn't|can't|cannot|was not|wasn't|not|unable to|failed to) (?:be )?(?:deliver|reach|send)\w{0,3}|delivery (?:to the following|has failed|failed|attempts?|status|incomplete)|address (?:not found|couldn't be found|rejected)|(?:user|recipient|mailbox|host) (?:unknown|not found|unavailable|does not exist|is full)|mailbox (?:is )?full|over quota|quota exceeded|no such (?:user|recipient|mailbox)|permanent (?:fatal )?error|undeliver\w{1,6}|delivery of your message|has been delayed|returned to (?:the )?sender|konnte nicht (?:zugestellt|ubermittelt|gesendet)|nicht zugestellt|unzustellbar|fehler bei der zustellung|n'a (?:pas pu|pu) etre (?:remis|distribue|envoye|livre)|impossible de remettre|adresse introuvable|echec de la remise|no (?:se ha podido|se pudo|pudo) (?:ser )?entreg|no se ha encontrado la direccion|impossibile (?:consegnare|recapitare)|non e stato (?:possibile )?(?:recapitat|consegnat)|indirizzo non trovato|nao (?:foi possivel|pode ser|pude) (?:ser )?(?:entreg\w{1,4})|nao foi entregue|endereco nao encontrado|(?:kan|kon) niet (?:worden )?(?:bezorgd|afgeleverd)|niet (?:worden )?(?:bezorgd|afgeleverd)|adres niet gevonden|successfully delivered|zugestellt an)\b/;

function findBounce(mail: Mail): Found {
  const score: Score = { points: 0, names: [] };
  const daemon = add(score, 'sender-daemon', mail.senderCertain ? 4 : 3, mail.sender === 'daemon');
  // Every mail system sends such notices in its own name; a person's address speaks against it.
  if (!daemon && mail.sender === 'person') return undefined;
  if (!daemon && (mail.subject.forwarded || mail.body.forwards)) return undefined;
  // Below the notice stands the mail that came back; codes often stand between.
  const words = daemon ? foldText(mail.body.whole.slice(0, 8_000)).replace(/\s+/g, ' ') : mail.words;
  add(score, 'subject-delivery', 2, mail.subject.bounce);
  add(score, 'delivery-code', 2, deliveryCode.test(words));
  add(score, 'delivery-words', 1, deliveryWords.test(words));
  add(score, 'asks', -2, !daemon && asks(mail.words));
  const enough = daemon ? score.points >= 4 : mail.subject.bounce && score.points >= threshold;
  return enough ? { kind: 'bounce', names: score.names } : undefined;
}

const readWords =
  /\b(?:was read on|was (?:displayed|read|deleted without being read)|wurde (?:am .{0,40})?gelesen|gelesen am|a ete lu|fue leido|se ha leido|e stato letto|foi lid[ao]|is gelezen|return receipt for the mail|lesebestatigung|empfangsbestatigung fur)\b/;

/** "Read: ...": the answer of a mail program to a request for a read receipt. It repeats the subject of what was read. */
function findReadReceipt(mail: Mail): Found {
  const { subject, words } = mail;
  if (!subject.readReceipt || mail.body.forwards || asks(words)) return undefined;
  if (!readWords.test(words) || subject.rest.length < 3 || !words.includes(subject.rest)) return undefined;
  return { kind: 'auto-reply', names: ['subject-read-receipt', 'read-words', 'subject-repeated'] };
}

const calendarSentence =
  /\b(?:has (?:accepted|declined|tentatively accepted|replied "?maybe"? to|proposed)|(?:accepted|declined) (?:this|your|the) (?:invitation|meeting|event)|hat (?:diese|die|ihre) (?:einladung|termineinladung)\b.{0,40}(?:angenommen|akzeptiert|abgelehnt|zugesagt)|hat (?:auf )?(?:diese|die) einladung|a (?:accepte|refuse|decline|repondu).{0,20} (?:cette|l'|votre|a cette) ?invitation|ha (?:aceptado|rechazado|respondido).{0,20} (?:esta|la|a esta) invitacion|ha (?:accettato|rifiutato|risposto).{0,20} (?:questo|l'|a questo) ?invito|(?:aceitou|recusou|respondeu).{0,20} (?:este|o|a este) convite|heeft (?:deze|de|op deze) uitnodiging)\b/;
const calendarNote =
  /\b(?:with (?:this|a|the following) (?:note|message)|mit (?:dieser|folgender|einer) (?:nachricht|notiz)|avec (?:cette|une|la) note|con (?:esta|una|questa|la) nota|com (?:esta|uma|a) nota|met (?:deze|een) (?:notitie|opmerking))\b/;
const calendarLine =
  /^(?:(?:when|where|who|location|organi[sz]er|subject|wann|wo|ort|termin|besprechung|zeit|betreff|quand|ou|lieu|objet|cuando|donde|lugar|ubicacion|asunto|quando|dove|luogo|onde|local|wanneer|waar|locatie|tijd|meeting id|passcode|conference id) ?: ?|microsoft teams(?: \S{1,20})?$|join (?:the meeting|zoom meeting|with google|on your computer|microsoft teams)|invitation from google|https?:\/\/\S{1,500}$)/;

/** Outlook sends no words of its own, Google one sentence and the event. A comment beside them is a person's, and so is any other text. */
function findCalendarAnswer(mail: Mail): Found {
  const { subject, body, words } = mail;
  if (!subject.calendar || body.forwards || calendarNote.test(words)) return undefined;
  const names = ['subject-calendar'];
  if (subject.eventTime) names.push('event-time');
  const lines = foldText(body.own)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
  if (calendarSentence.test(words)) return { kind: 'calendar-answer', names: [...names, 'calendar-sentence'] };
  const others = lines.filter((line) => !calendarLine.test(line));
  // Calendars sign with nothing: an empty mail with a signature is somebody's who only attached something.
  if (others.length === 0 && !body.signature)
    return { kind: 'calendar-answer', names: [...names, lines.length === 0 ? 'no-own-words' : 'event-lines'] };
  return undefined;
}
