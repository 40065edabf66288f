// Whether a mail is a calendar's answer to an invitation, with no word of a person beside it.
import type { Found, Mail } from './automatic-signs.ts';
import { foldText } from './own-text.ts';

const calendarSentence =
  /\b(?:has (?:accepted|declined|tentatively accepted|replied "?maybe"? to|proposed)|(?:accepted|declined) (?:this|your|the) (?:invitation|meeting|event)|hat (?:diese|die|ihre) (?:einladung|termineinladung)\b.{0,40}(?:angenommen|akzeptiert|abgelehnt|zugesagt)|hat (?:auf )?(?:diese|die) einladung|a (?:accepte|refuse|decline|repondu).{0,20} (?:cette|l'|votre|a cette) ?invitation|ha (?:aceptado|rechazado|respondido).{0,20} (?:esta|la|a esta) invitacion|ha (?:accettato|rifiutato|risposto).{0,20} (?:questo|l'|a questo) ?invito|(?:aceitou|recusou|respondeu).{0,20} (?:este|o|a este) convite|heeft (?:deze|de|op deze) uitnodiging)\b/;
const calendarNote =
  /\b(?:with (?:this|a|the following) (?:note|message)|mit (?:dieser|folgender|einer) (?:nachricht|notiz)|avec (?:cette|une|la) note|con (?:esta|una|questa|la) nota|com (?:esta|uma|a) nota|met (?:deze|een) (?:notitie|opmerking))\b/;
const calendarLine =
  /^(?:(?:when|where|who|location|organi[sz]er|subject|wann|wo|ort|termin|besprechung|zeit|betreff|quand|ou|lieu|objet|cuando|donde|lugar|ubicacion|asunto|quando|dove|luogo|onde|local|wanneer|waar|locatie|tijd|meeting id|passcode|conference id) ?: ?|microsoft teams(?: \S{1,20})?$|join (?:the meeting|zoom meeting|with google|on your computer|microsoft teams)|invitation from google|https?:\/\/\S{1,500}$)/;
// Below such a line stands the meeting's own text: how to dial in, in as many lines as there are countries.
const meetingBlock =
  /^[_-]{5,80}\s{1,10}(?:microsoft teams|join|zoom|webex|google meet|\w{1,20} is inviting you|an microsoft)/;
const device =
  /^[<([]?(?:sent from|get outlook|von meinem|gesendet|envoye|enviado|inviato|verzonden|verstuurd|obtenez|download outlook)\b.{0,80}$/s;

/** Outlook sends no words of its own, Google one sentence and the event. A comment beside them is a person's, and so is any other text. */
export function findCalendarAnswer({ subject, body, words }: Mail): Found {
  if (!subject.calendar || body.forwards || calendarNote.test(words)) return undefined;
  const names = ['subject-calendar'];
  if (subject.eventTime) names.push('event-time');
  if (calendarSentence.test(words)) return { kind: 'calendar-answer', names: [...names, 'calendar-sentence'] };
  const lines = foldText(body.own)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line));
  // Calendars sign with nothing: an empty mail with a signature is somebody's who only attached something.
  const signature = foldText(body.signature);
  if (signature && !meetingBlock.test(signature) && !device.test(signature)) return undefined;
  if (lines.some((line) => !calendarLine.test(line))) return undefined;
  if (lines.length === 0 && !subject.calendarOfOutlook && !subject.eventTime) return undefined;
  return { kind: 'calendar-answer', names: [...names, lines.length === 0 ? 'no-own-words' : 'event-lines'] };
}
