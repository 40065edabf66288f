// Whether a mail is a mail system's: a delivery notice, or the receipt of a mail that was opened.
import { add, asks, type Found, type Mail, type Score, threshold } from './automatic-signs.ts';
import { foldText } from './own-text.ts';

const deliveryCode =
  /\b[45]\d\d[- ]{1,3}(?:#|\()?[45]\.\d{1,3}\.\d{1,3}\b|\b(?:final-recipient|original-recipient|reporting-mta|diagnostic-code|remote-mta|arrival-date|status): ?\S|\bsmtp (?:error|protocol|; ?[45]\d\d)|\b(?:remote server returned|generating server|host \S{1,100} said)|\b[45]\.\d\.\d{1,3}\b.{0,60}\b(?:unknown|rejected|denied|full|not found|bad destination|unavailable|exist)/;
const bareCode = /\b(?:550|551|552|553|554|421|450|451|452)[ -]\S/;
const deliveryWords =
  /\b(?:error occurred while trying to deliver|(?:could not|couldn't|can't|cannot|was not|wasn't|not|unable to|failed to) (?:be )?(?:(?:deliver|reach|send)\w{0,3}|sent\b)|delivery (?:to the following|has failed|failed|attempts?|status|incomplete)|address (?:not found|couldn't be found|rejected)|(?:user|recipient|mailbox|host) (?:unknown|not found|unavailable|does not exist|is full)|mailbox (?:is )?full|over quota|quota exceeded|no such (?:user|recipient|mailbox)|permanent (?:fatal )?error|undeliver\w{1,6}|delivery of your message|has been delayed|returned to (?:the )?sender|konnte nicht (?:zugestellt|ubermittelt|gesendet)|nicht zugestellt|unzustellbar|fehler bei der zustellung|n'a (?:pas pu|pu) etre (?:remis|distribue|envoye|livre)|impossible de remettre|adresse introuvable|echec de la remise|no (?:ha podido|se ha podido|se pudo|pudo) (?:ser )?entreg|no se ha encontrado la direccion|impossibile (?:consegnare|recapitare)|non e stato (?:possibile )?(?:recapitat|consegnat)|indirizzo non trovato|nao (?:foi possivel|pode ser|pude) (?:ser )?(?:entreg\w{1,4})|nao foi entregue|endereco nao encontrado|(?:kan|kon) niet (?:worden )?(?:bezorgd|afgeleverd)|niet (?:worden )?(?:bezorgd|afgeleverd)|adres niet gevonden|successfully delivered|zugestellt an)\b/;

// The sentences mail systems begin their notices with, the same since the eighties.
const deliveryLayout =
  /\b(?:this is (?:an? |the )?(?:automatic(?:ally generated)? )?(?:delivery status notification|delivery failure notification|mail system at host|postfix program|qmail-send program|mail delivery system|bounce)|automatic bounce notification|created automatically by (?:the )?mail delivery|did not reach the following recipient|the following address(?:es|\(es\))? (?:had|failed)|transcript of (?:session follows|the attempts)|delivery to the following recipients? (?:has )?failed|delivery has failed to these recipients|sorry to have to inform you that your message|wasn't able to deliver your message to the following|automatisch von einem mailserver erzeugt)/;

/** Delivery notices and warnings of delay. Below the notice may stand the mail that came back. */
export function findBounce(mail: Mail): Found {
  const score: Score = { points: 0, names: [] };
  const daemon = add(score, 'sender-daemon', mail.senderCertain ? 4 : 3, mail.sender === 'daemon');
  // Every mail system sends such notices in its own name; a person's address speaks against it.
  if (!daemon && mail.sender === 'person') return undefined;
  // What a postmaster answers or sends on is his own.
  const handled = mail.subject.forwarded || mail.body.forwards;
  if (!mail.senderCertain && (handled || (mail.subject.answered && !mail.subject.bounce))) return undefined;
  // Below the notice stands the mail that came back; codes often stand between.
  const words = daemon ? foldText(mail.body.whole.slice(0, 8_000)).replace(/\s+/g, ' ') : mail.words;
  // "550 Euro" is a price: a bare code counts where the sender or the subject leaves no doubt.
  const readsAsCodes = mail.senderCertain || mail.subject.bounce;
  add(score, 'sender-no-reply', 1, mail.sender === 'no-reply');
  if (!add(score, 'subject-of-mail-system', 3, mail.subject.bounceOfSystem))
    add(score, 'subject-delivery', 2, mail.subject.bounce);
  add(score, 'delivery-code', 2, deliveryCode.test(words) || (daemon && readsAsCodes && bareCode.test(words)));
  add(score, 'delivery-layout', 2, deliveryLayout.test(words));
  add(score, 'delivery-words', 1, deliveryWords.test(words));
  add(score, 'asks', -2, !mail.senderCertain && asks(mail.words));
  if (daemon) return score.points >= (mail.senderCertain ? 4 : threshold) ? found(score) : undefined;
  // A desk's own people write about bounces too, in their own words.
  const enough = mail.sender === 'role' ? mail.subject.bounceOfSystem : mail.subject.bounce;
  return enough && score.points >= threshold ? found(score) : undefined;
}

function found({ names }: Score): Found {
  return { kind: 'bounce', names };
}

const readWords =
  /\b(?:was read on|was (?:displayed|read|deleted without being read)|wurde (?:am .{0,40})?gelesen|gelesen am|a ete lu|fue leido|se ha leido|e stato letto|foi lid[ao]|is gelezen|return receipt for the mail|lesebestatigung|empfangsbestatigung fur)\b/;

// The sentences of RFC 8098 and of Thunderbird's receipts.
const receiptNotice =
  /\b(?:this is no guarantee that the message has been read or understood|this is a return receipt for the mail that you sent to|this return receipt only acknowledges that the message was displayed)\b/;

/** "Read: ...": the answer of a mail program to a request for a read receipt. It repeats the subject of what was read. */
export function findReadReceipt(mail: Mail): Found {
  const { subject, words } = mail;
  if (!mail.body.forwards && receiptNotice.test(words)) return { kind: 'auto-reply', names: ['read-receipt-notice'] };
  if (!subject.readReceipt || mail.body.forwards || asks(words)) return undefined;
  if (!readWords.test(words) || subject.rest.length < 3 || !words.includes(subject.rest)) return undefined;
  return { kind: 'auto-reply', names: ['subject-read-receipt', 'read-words', 'subject-repeated'] };
}
