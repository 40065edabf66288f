// What the sender and the subject of a mail say about how it was made. Patterns meet folded text (own-text.ts).
import { decodeHeader, foldText, repairLetters } from './own-text.ts';

/** `daemon`: a mail system. `no-reply`: nobody reads it. `role`: a desk or a program. `unknown`: no sender. */
export type SenderKind = 'daemon' | 'no-reply' | 'role' | 'person' | 'unknown';

const daemonName =
  /^(?:(?:internet )?mail (?:delivery|administrator|system)|mail ?er[- ]?daemon|microsoft outlook$|post ?master\b|mta\b|(?:mmsc )?ndr\b|non-?delivery|delivery (?:status|failure|notification)|message delivery|content-filter|system administrator$|systemadministrator$)/;
const daemonLocal =
  /^(?:po+st_?master|mdaemon|bounces?|mail-?delivery|mailsystem|mail-system|delivery-?(?:status|failure)|non-?delivery|ndr)\b/;
// What the local part of an address nobody reads is made of: "no-reply", "orders-noreply", "nepasrepondre".
const noReplyLocal =
  /(?:^|[-_.])(?:no-?_?\.?reply|do-?_?\.?not-?_?\.?reply|dont-?reply|nicht-?antworten|keine-?antwort|ne-?pas-?repondre|no-?_?responder|no-?responda|non-?rispondere|nao-?_?respond[ae]r?|niet-?(?:be)?antwoorden|geen-?antwoord|auto-?(?:reply|responder|response|mailer|answer|confirm|matic))(?:$|[-_.\d])/;
const roleLocal =
  /^(?:support|help|helpdesk|help-?desk|service|servicedesk|service-?desk|customer-?(?:service|care|support)|care|contact|kontakt|contacto|contatto|contato|info|hello|hallo|bonjour|hola|ciao|ola|office|mail|post|tickets?|admin|administrator|system|sysadmin|notifications?|alerts?|kundenservice|kundendienst|service-?client|sav|assistance|soporte|atencion\w{0,12}|ayuda|assistenza|suporte|apoio|atendimento|geral|klantenservice|klantcontact|billing|orders?|sales|clientes?|clienti|ventas|vendite|vendas|pedidos|ordini|commandes?|reclam\w{1,6}|klachten|bestel\w{1,7}|secretariat|sekretariat|zentrale|customer\w{1,8}|shop|team|hr|jobs|careers|recruit\w{0,8}|hiring|bewerbung|rh|root|abuse|webmaster|it|it-?support|itsupport|desk|jira|feedback|rt|otrs|osticket|glpi|zammad|request\w{0,6}|enquir\w{1,3}|inquir\w{1,3}|reservations?|bookings?|servicio\w{0,12}|servizio\w{0,12})(?:$|[-_.+\d])/;

type SenderParts = { name: string; local: string };

/** The forms of RFC 5322: `Name <address>`, `address (Name)`, `<address> (Name)`, a bare address. */
function splitSender(folded: string): SenderParts {
  const comment = /\(([^()]{1,200})\) {0,5}$/.exec(folded);
  const rest = comment ? folded.slice(0, comment.index).trim() : folded;
  const angled = /<([^<>]{0,300})> {0,5}$/.exec(rest);
  const address = angled?.[1] ?? rest;
  const before = angled ? rest.slice(0, angled.index) : '';
  return {
    name: (before.trim() || comment?.[1] || '').replace(/["']/g, '').trim(),
    local: (address.split('@', 1)[0] ?? '').trim(),
  };
}

/** Kind of a sender, `Name <address>` or a bare address. Group and list addresses are persons here: people write through them. */
export function readSender(from: string | null): { kind: SenderKind; certain: boolean } {
  const folded = foldText(decodeHeader((from ?? '').slice(0, 500)))
    .replace(/\s+/g, ' ')
    .trim();
  if (!folded) return { kind: 'unknown', certain: false };
  const { name, local } = splitSender(folded);
  // Nobody is called mailer-daemon; a postmaster may be a person, so it needs a second sign.
  if (/^(?:mailer-?daemon|microsoftexchange[\da-f]{16,40}|mail-?daemon)/.test(local) || /^mailer[- ]?daemon/.test(name))
    return { kind: 'daemon', certain: true };
  // The empty sender of RFC 5321 4.5.5: only mail systems write with it.
  if (local === '' || daemonLocal.test(local) || daemonName.test(name)) return { kind: 'daemon', certain: false };
  if (noReplyLocal.test(local.split('+', 1)[0] ?? '')) return { kind: 'no-reply', certain: false };
  return { kind: roleLocal.test(local) ? 'role' : 'person', certain: false };
}

export type SubjectSigns = {
  /** "Automatic reply: ...", "Hannah Price is out of the office": a mail program put it there. */
  automatic: boolean;
  /** ... and with the subject of the mail that is answered behind it, as people do not write. */
  answerOf: boolean;
  /** It says that somebody is away. */
  namesAbsence: boolean;
  /** "Out of office" and the like: people write that too. */
  absence: boolean;
  /** ... followed by the subject of the mail that is answered ("Out of office: Invoice 20391"), not by dates. */
  absenceOf: boolean;
  /** "We have received your request", "Ticket received", "Eingangsbestätigung" */
  receipt: boolean;
  /** `[#1234]`, "Ticket 1234", and no "Re:" before it */
  number: boolean;
  bounce: boolean;
  /** ... in the very words of a mail system. */
  bounceOfSystem: boolean;
  /** "Accepted: ..." */
  calendar: boolean;
  /** ... in the very word of Outlook, which sends nothing else. */
  calendarOfOutlook: boolean;
  /** "@ Fri 5 May 2026 10:00 - 11:00": Google's calendar writes the time into the subject. */
  eventTime: boolean;
  /** "Read: ..." */
  readReceipt: boolean;
  /** What stands after the first colon, folded: the subject of the mail that is answered. */
  rest: string;
  forwarded: boolean;
  /** "Re: ..." */
  answered: boolean;
};

// What Outlook, Exchange, Gmail, Notes, Zimbra and the vacation programs put before the subject they answer, one a language.
const answerNames = [
  'auto-?(?:reply|response|responder|respons|answer|antwort|reponse|antwoord|risposta|resposta|respuesta|svar|replies)',
  'auto(?:matic|mated|matische?)[- ](?:e?-?mail[- ])?(?:reply|response|answer|responder|antwort|antwoord|reponse)',
  'auto (?:reply|response|responder|answer)',
  'reponse automatique|respuesta automatica|risposta automatica|resposta automatica',
  'automatisch(?:e)? antwoord|automatisch bericht|automatiskt? svar|automaattinen vastaus|automaatvastus',
  'odpowiedz automatyczna|automatyczna odpowiedz|automaticka odpoved|automatikus valasz|raspuns automat',
  'otomatik yanıt|otomatik yanit|automatski odgovor|samodejni odgovor|automatinis atsakymas',
  'автоматический ответ|автоответ|автоматична відповідь|автоматичен отговор|αυτόματη απάντηση',
  'תשובה אוטומטית|מענה אוטומטי|رد تلقائي|الرد التلقائي|ตอบกลับอัตโนมัติ|trả lời tự động',
  '自動応答|自動返信|自动答复|自动回复|自動回覆|자동 회신|자동 응답|자동응답|자동회신',
  'abwesenheitsnotiz|abwesenheitsassistent|afwezigheidsbericht|afwezigheidsassistent',
  'out[- ]of[- ](?:the )?office[- ](?:auto-?reply|auto reply|autoresponse|reply|response|assistant)',
];
const answerName = `(?:${answerNames.map(foldText).join('|')})`;
const answerOfPrefix = new RegExp(`^(?:${answerName} ?: ?\\S|auto ?: ?(?:re|aw|antw|sv|rv|tr)(?:\\[\\d{1,3}\\])? ?:)`);
const answerOfTag = new RegExp(`^[[(](?:${answerName}|auto)[\\])] ?:? ?\\S`);
const automaticPrefix = new RegExp(
  `^(?:auto(?= ?:)|${answerName}|vacation (?:reply|response|responder)|out[- ]of[- ](?:the )?office[- ](?:notification|message re))(?=$| ?[:\\-–—()[\\].,!]| re\\b)`,
);
const absencePrefix =
  /^(?:abwesenheits(?:meldung|nachricht|benachrichtigung)|afwezigheidsmelding|message d'absence|notification d'absence|ausencia temporaria|(?:(?:annual|summer|holiday|christmas|office|easter|winter) ){0,2}(?:closure|closing|shutdown)|(?:we are|office) closed|betriebs(?:urlaub|ferien)|urlaub|wir sind im urlaub|fermeture(?: (?:annuelle|estivale|exceptionnelle))?|vacances|vacaciones|cierre(?: por vacaciones)?|chiusura(?: (?:estiva|per ferie|natalizia))?|chiuso per ferie|encerrado para ferias|vakantie(?:sluiting)?|gesloten|out[- ]of[- ](?:the )?office|out till|out until|outofoffice|oof|ooo|currently (?:away|out)|away from (?:the |my )?(?:office|desk|mail)|away (?:until|till|from)|on (?:vacation|leave|holiday|annual leave|maternity leave|parental leave)|vacation (?:notice|message)|abwesenheit|abwesend|nicht im (?:buro|hause?)|ausser haus|im urlaub|absence(?: du bureau)?|absente? du bureau|absente?|en conges?|conges?|fuera de (?:la )?oficina|ausente|ausencia|fuori (?:ufficio|sede)|assente|assenza|in ferie|fora do escritorio|de ferias|ferias|ausencia do escritorio|afwezig|afwezigheid|niet (?:aanwezig|op kantoor)|met vakantie|op vakantie)(?=$|[\s:\-–—()[\].,!])/;
const absenceSentence =
  /^[^:?]{2,60} (?:is|will be) (?:currently )?(?:out of (?:the )?office|away from (?:the|his|her) office|on (?:vacation|leave))(?=$|[\s:.(])|^[^:?]{2,60} ist (?:zurzeit |derzeit )?(?:nicht im (?:buro|hause?)|ausser haus|abwesend)(?=$|[\s:.(])|^[^:?]{2,60} est absente?(?=$|[\s:.(])/;
const receiptSubject =
  /\b(?:we(?:'ve| have)? (?:have )?received your|we got your|(?:your )?(?:request|ticket|case|message|e-?mail|enquiry|inquiry|query|order|application|submission)(?: [\w#()[\]-]{1,20}){0,2}:? (?:has been |was |is |have been )?(?:received|created|opened|registered|logged|acknowledged)|(?:request|ticket|case|message) (?:received|created|opened|acknowledg\w{1,6})|(?:received|new) (?:ticket|case|support request)|thank(?:s| you) for (?:contacting|your (?:e-?mail|message|request|enquiry|inquiry|interest|application)|reaching out|getting in touch)|acknowledge?ment of|confirmation of receipt|eingangsbestatigung|empfangsbestatigung|bestatigung ihrer (?:anfrage|nachricht)|ihre (?:anfrage|nachricht|e-mail)(?: [\w#()[\]-]{1,20}){0,3} (?:ist|wurde|bei uns|eingegangen)|wir haben ihre|accuse de reception|confirmation de reception|(?:nous avons|avons) bien recu|votre (?:demande|message|ticket)(?: [\w#()[\]-]{1,20}){0,3} a (?:bien )?ete|acuse de recibo|confirmacion de recepcion|hemos recibido (?:su|tu)|(?:su|tu) (?:solicitud|consulta|ticket)(?: [\w#()[\]-]{1,20}){0,3} (?:ha sido|fue|se ha)|conferma (?:di )?ricezione|abbiamo ricevuto|richiesta (?:ricevuta|presa in carico)|confirmacao de (?:recebimento|recepcao)|recebemos (?:o seu|a sua|seu|sua)|ontvangstbevestiging|wij hebben uw|we hebben je|bedankt voor (?:uw|je) (?:bericht|e-?mail|aanvraag)|vielen dank fur (?:ihre|deine) (?:anfrage|nachricht|e-?mail)|merci (?:pour|de) votre (?:message|demande)|gracias por (?:contactar|su (?:mensaje|consulta|correo))|grazie per (?:averci contattato|la (?:sua|tua) richiesta)|obrigad[oa] (?:pelo seu contact?o|por entrar))/;
const bounceSubject =
  /^(?:undeliver(?:able|ed)\b|delivery status notification|delivery (?:failure|failed|has failed|report|delayed|notification|problem)|delayed (?:mail|delivery)|(?:notice: |warning: )?(?:e-?)?mail delivery (?:failed|failure|system|subsystem|status|error|problem|delayed)|delivery status$|e-?mail bounce notification|mail (?:system error|could not be delivered|not delivered)|returned mail|failure notice|failed (?:mail|delivery|to deliver)|message (?:delivery|delayed|not delivered|status|undeliverable|could not)|warning: (?:could not send|message)|non[- ]?delivery|nondeliverable|undelivered mail|delivered:|relayed:|unzustellbar|nicht zustellbar|zustellung (?:fehlgeschlagen|verzogert)|fehler bei der zustellung|unzustellbare|non remis|non distribuable|echec de (?:la )?(?:remise|livraison|distribution)|notification d'etat de remise|message non (?:remis|distribue)|no se puede entregar|no entregado|no se ha podido entregar|error de entrega|notificacion de estado de entrega|correo no entregado|non recapitabile|recapito non riuscito|mancato recapito|impossibile recapitare|messaggio non (?:consegnato|recapitat)|nao (?:e possivel entregar|entregue|entregavel)|falha na entrega|mensagem nao entregue|mensaje no entregado|courrier (?:indesirable )?non distribue|address not found$|message (?:you sent )?blocked|notificacao de (?:estado|status) d[ae] entrega|onbestelbaar|niet bezorgd|aflevering mislukt|bezorging mislukt|kan niet worden bezorgd)/;
const calendarPrefix =
  /^(?:(?:event )?invitation reply \([a-z ]{1,20}\)|accept|decline|zusage|absage|accepted|declined|tentative(?:ly accepted)?|new time proposed|maybe|zugesagt|angenommen|akzeptiert|abgelehnt|mit vorbehalt(?: (?:zugesagt|angenommen))?|unter vorbehalt|vorlaufig|vielleicht|neue(?:r)? (?:zeit|termin) vorgeschlagen|acceptee?|refusee?|declinee?|provisoire|peut-etre|acceptee? provisoirement|nouvel horaire propose|aceptad[oa]|rechazad[oa]|provisional|tentativ[oa]|quizas?|nueva hora propuesta|accettat[oa]|rifiutat[oa]|provvisori[oa]|forse|nuovo orario proposto|aceit[oea]|aceitou|recusad[oa]|provisori[oa]|talvez|geaccepteerd|geweigerd|afgewezen|voorlopig|misschien|onder voorbehoud|nieuw tijdstip voorgesteld) ?: ?\S/;
const readReceiptPrefix =
  /^(?:read|not read|gelesen|ungelesen|nicht gelesen|lu|non lu|leido|no leido|letto|non letto|lida|lido|nao lida|gelezen|niet gelezen|read receipt|return receipt(?: \(displayed\))?|lesebestatigung|confirmation de lecture|conferma di lettura|confirmacion de lectura|leesbevestiging) ?[:-] ?\S/;
const forwardPrefix =
  /^(?:fwd?|wg|tr|rv|rvs|enc|i|doorst|fs|vb|weitergeleitet|transfere|reenviado|inoltrato)(?:\[\d{1,3}\])? ?:/;
const replyPrefix =
  /^(?:re|aw|antw|antwort|sv|vs|rif|ref|res|r|odp|rsp|reponse|respuesta|risposta|resposta|antwoord)(?:\[\d{1,3}\])? ?:/;

/** Of which date an absence tells, instead of the subject of the mail that is answered. */
const dated =
  /(?:\b\d{1,2}[./-]\d|\b\d{1,2}(?:st|th|nd|rd)?$|[a-z]{3,6}day\b|\b[a-z]{4,9}tag\b|\b(?:lun|mar|mercre|jeu|vendre)di\b|this week|next week|until|\bbis\b|jusqu|hasta|fino a|\bate\b|\btot\b)/;

/** "Out of office: Invoice 20391", "Absence Re: Devis": the subject of the mail that is answered stands behind it. */
function isAbsenceOf(folded: string): boolean {
  const named = absencePrefix.test(folded) ? /^[^:]{2,60}?(?: ?: ?| re ?: ?)/.exec(folded) : null;
  if (!named) return false;
  const rest = folded.slice(named[0].length);
  return (
    / re ?: ?$/.test(named[0]) ||
    (/^(?:re|aw|antw|sv) ?:/.test(rest) ? true : /^[\p{L}\d#([]/u.test(rest) && !dated.test(rest.slice(0, 40)))
  );
}

/** Lotus Notes: "Hannah Price is out of the office." A mail program names its owner like that; people do not name themselves. */
function isSentenceOfSender(folded: string, from: string | null): boolean {
  if (!absenceSentence.test(folded)) return false;
  const sender = foldText((from ?? '').slice(0, 300));
  const named = (folded.match(/^[\p{L} .'/-]{3,60}/u)?.[0] ?? '').split(/ (?:is|will|ist|est) /, 1)[0] ?? '';
  return named.split(/[ ./]/).some((word) => word.length >= 3 && sender.includes(word));
}

/** What the subject says by its shape. Only its very beginning counts: people keep "Re: Automatic reply: ..." when they answer one. */
export function readSubject(subject: string | null, from: string | null): SubjectSigns {
  const tagged = foldText(repairLetters(decodeHeader((subject ?? '').slice(0, 600))).slice(0, 400))
    .replace(/\s+/g, ' ')
    .trim();
  // A gateway's tag ("[EXT]", "[External]") is put before everything.
  const folded = tagged.replace(
    /^(?:\[[^\]]{1,40}\] ?|\*{1,5} ?|\((?:auto|ext|external)\) ?|external ?: ?){1,3}(?=\S)/,
    '',
  );
  const answered = replyPrefix.test(folded);
  const ownerAway = isSentenceOfSender(folded, from);
  const answerOf = ownerAway || answerOfPrefix.test(folded) || answerOfTag.test(tagged);
  return {
    automatic:
      answerOf || automaticPrefix.test(folded) || /^[[(](?:auto-?reply|auto|automatic reply)[\])]/.test(tagged),
    answerOf,
    namesAbsence:
      ownerAway ||
      /^(?:abwesen|afwezig|out[- ]of|ooo|message d'absence|notification d'absence)/.test(folded) ||
      absencePrefix.test(folded),
    absence: absencePrefix.test(folded) || absenceSentence.test(folded),
    absenceOf: isAbsenceOf(folded),
    receipt: !answered && receiptSubject.test(tagged),
    number:
      !answered &&
      /[[(#]#? ?(?:[a-z]{1,8}[-: ]?#?)?\d{3,}|\b(?:ticket|case|request|incident)\b.{0,12}\d{3,}/.test(tagged),
    bounce: bounceSubject.test(folded),
    bounceOfSystem:
      /^(?:undelivered mail returned to sender|delivery status notification ?\((?:failure|delay)\)|mail delivery failed: returning message to sender|failure notice$|delayed mail \(still being retried\)|returned mail: (?:user unknown|see transcript|cannot send message))/.test(
        folded,
      ),
    calendar: calendarPrefix.test(folded),
    calendarOfOutlook:
      calendarPrefix.test(folded) &&
      !/^(?:maybe|vielleicht|peut-etre|quizas?|forse|talvez|misschien|accept|decline|zusage|absage) ?:/.test(folded),
    eventTime:
      /@ .{0,30}\d{4}.{0,40}\d{1,2}[:.h]?\d{0,2} ?(?:am|pm|a\.m\.|p\.m\.)?\b/.test(folded) &&
      / ?\(.{1,80}\)/.test(folded),
    readReceipt: readReceiptPrefix.test(folded),
    rest: folded.slice(folded.search(/[:-]/) + 1).trim(),
    forwarded: forwardPrefix.test(folded),
    answered,
  };
}
