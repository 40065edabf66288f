// What the sender and the subject of a mail say about how it was made. Patterns meet folded text (own-text.ts).
import { foldText } from './own-text.ts';

/** `daemon`: a mail system. `no-reply`: nobody reads it. `role`: a desk or a program. `unknown`: no sender. */
export type SenderKind = 'daemon' | 'no-reply' | 'role' | 'person' | 'unknown';

/** Kind of a sender, `Name <address>` or a bare address. Group and list addresses are persons here: people write through them. */
export function readSender(from: string | null): { kind: SenderKind; certain: boolean } {
  const folded = foldText((from ?? '').slice(0, 500)).trim();
  if (!folded) return { kind: 'unknown', certain: false };
  // The empty sender of RFC 5321 4.5.5: only mail systems write with it.
  if (/<\s{0,5}>\s*$/.test(folded)) return { kind: 'daemon', certain: false };
  const address = /<([^<>]{1,300})>\s*$/.exec(folded)?.[1] ?? folded;
  const local = (address.split('@', 1)[0] ?? '').trim();
  const name = folded.startsWith(address) ? '' : (folded.split('<', 1)[0] ?? '').replace(/"/g, '').trim();
  // Nobody is called mailer-daemon; a postmaster may be a person, so it needs a second sign.
  if (/^(?:mailer-?daemon|microsoftexchange[\da-f]{16,}|mail-?daemon)/.test(local))
    return { kind: 'daemon', certain: true };
  if (
    /^(?:post_?master|mdaemon|bounces?|mail-?delivery|mailsystem|mail-system)\b/.test(local) ||
    /^(?:mail (?:delivery|administrator|system)|mailer[- ]daemon|microsoft outlook$|postmaster$|system administrator$|systemadministrator$)/.test(
      name,
    )
  ) {
    return { kind: 'daemon', certain: false };
  }
  const parts = local.split('+', 1)[0] ?? '';
  if (
    /(?:^|[-_.])(?:no-?_?\.?reply|do-?_?not-?_?reply|dont-?reply|nicht-?antworten|keine-?antwort|ne-?pas-?repondre|no-?responder|non-?rispondere|nao-?respond[ae]r?|niet-?(?:be)?antwoorden|geen-?antwoord|auto-?(?:reply|responder|response|mailer|answer|confirm|matic))(?:$|[-_.\d])/.test(
      parts,
    )
  ) {
    return { kind: 'no-reply', certain: false };
  }
  if (
    /^(?:support|help|helpdesk|help-?desk|service|servicedesk|service-?desk|customer-?(?:service|care|support)|care|contact|kontakt|contacto|contatto|contato|info|hello|office|tickets?|admin|administrator|system|notifications?|alerts?|kundenservice|kundendienst|service-?client|assistance|soporte|atencion\w{0,12}|ayuda|assistenza|suporte|atendimento|klantenservice|billing|sales|hr|jobs|careers|root|abuse|webmaster|it|it-?support|itsupport|desk|jira|team|feedback|rt|otrs|osticket|glpi|zammad|request\w{0,6}|servicio\w{0,12}|servizio\w{0,12})(?:$|[-_.+\d])/.test(
      local,
    )
  ) {
    return { kind: 'role', certain: false };
  }
  return { kind: 'person', certain: false };
}

export type SubjectSigns = {
  /** "Automatic reply: ...", "Hannah Price is out of the office": a mail program put it there. */
  automatic: boolean;
  /** "Out of office" and the like: people write that too. */
  absence: boolean;
  /** ... followed by the subject of the mail that is answered ("Out of office: Invoice 20391"), not by dates. */
  absenceOf: boolean;
  /** "We have received your request", "Ticket received", "Eingangsbestätigung" */
  receipt: boolean;
  /** `[#1234]`, "Ticket 1234", and no "Re:" before it */
  number: boolean;
  bounce: boolean;
  /** "Accepted: ..." */
  calendar: boolean;
  /** "@ Fri 5 May 2026 10:00 - 11:00": Google's calendar writes the time into the subject. */
  eventTime: boolean;
  /** "Read: ..." */
  readReceipt: boolean;
  /** What stands after the first colon, folded: the subject of the mail that is answered. */
  rest: string;
  forwarded: boolean;
};

const automaticPrefix =
  /^(?:auto(?= ?:)|auto(?:matic|mated|matische?)?[- ]?(?:reply|response|respuesta|respond|answer|responder|antwort|reponse|antwoord|risposta|resposta)|autoreply|autoresponse|autosvar|automatic e?-?mail reply|automatiskt? svar|automaattinen vastaus|automatyczna odpowiedz|automaticka odpove[dt]|raspuns automat|otomatik yanit|автоответ|автоматический ответ|自動応答|自動返信|自动答复|自动回复|自動回覆|자동 ?회신|abwesenheits(?:notiz|meldung|nachricht|assistent|benachrichtigung)|automatische abwesenheitsnotiz|reponse automatique|respuesta automatica|risposta automatica|resposta automatica|automatisch(?:e)? antwoord|afwezigheids(?:bericht|melding|assistent)|message d'absence|notification d'absence|out[- ]of[- ](?:the )?office[- ](?:auto-?reply|autoreply|reply|response|notification|message re))(?=$| ?[:\-–—()[\].,!]| re\b)/;
const absencePrefix =
  /^(?:out[- ]of[- ](?:the )?office|outofoffice|ooo|away from (?:the |my )?(?:office|desk|mail)|away (?:until|till|from)|on (?:vacation|leave|holiday|annual leave|maternity leave|parental leave)|vacation (?:reply|response|notice|message)|abwesenheit|abwesend|nicht im (?:buro|hause?)|ausser haus|im urlaub|absence(?: du bureau)?|absente? du bureau|absente?|en conges?|conges?|fuera de (?:la )?oficina|ausente|ausencia|fuori (?:ufficio|sede)|assente|assenza|in ferie|fora do escritorio|de ferias|ferias|ausencia do escritorio|afwezig|afwezigheid|niet (?:aanwezig|op kantoor)|met vakantie|op vakantie)(?=$|[\s:\-–—()[\].,!])/;
const absenceSentence =
  /^[^:?]{2,60} (?:is|will be) (?:currently )?(?:out of (?:the )?office|away from (?:the|his|her) office|on (?:vacation|leave))(?=$|[\s:.(])|^[^:?]{2,60} ist (?:zurzeit |derzeit )?(?:nicht im (?:buro|hause?)|ausser haus|abwesend)(?=$|[\s:.(])|^[^:?]{2,60} est absente?(?=$|[\s:.(])/;
const receiptSubject =
  /\b(?:we(?:'ve| have)? (?:have )?received your|we got your|(?:your )?(?:request|ticket|case|message|e-?mail|enquiry|inquiry|query|order|application|submission)(?: [\w#()[\]-]{1,20}){0,2}:? (?:has been |was |is |have been )?(?:received|created|opened|registered|logged|acknowledged)|(?:request|ticket|case|message) (?:received|created|opened|acknowledg\w{1,6})|(?:received|new) (?:ticket|case|support request)|thank(?:s| you) for (?:contacting|your (?:e-?mail|message|request|enquiry|inquiry|interest|application)|reaching out|getting in touch)|acknowledge?ment of|confirmation of receipt|eingangsbestatigung|empfangsbestatigung|bestatigung ihrer (?:anfrage|nachricht)|ihre (?:anfrage|nachricht|e-mail)(?: [\w#()[\]-]{1,20}){0,3} (?:ist|wurde|bei uns|eingegangen)|wir haben ihre|accuse de reception|confirmation de reception|(?:nous avons|avons) bien recu|votre (?:demande|message|ticket)(?: [\w#()[\]-]{1,20}){0,3} a (?:bien )?ete|acuse de recibo|confirmacion de recepcion|hemos recibido (?:su|tu)|(?:su|tu) (?:solicitud|consulta|ticket)(?: [\w#()[\]-]{1,20}){0,3} (?:ha sido|fue|se ha)|conferma (?:di )?ricezione|abbiamo ricevuto|richiesta (?:ricevuta|presa in carico)|confirmacao de (?:recebimento|recepcao)|recebemos (?:o seu|a sua|seu|sua)|ontvangstbevestiging|wij hebben uw|we hebben je|bedankt voor (?:uw|je) (?:bericht|e-?mail|aanvraag)|vielen dank fur (?:ihre|deine) (?:anfrage|nachricht|e-?mail)|merci (?:pour|de) votre (?:message|demande)|gracias por (?:contactar|su (?:mensaje|consulta|correo))|grazie per (?:averci contattato|la (?:sua|tua) richiesta)|obrigad[oa] (?:pelo seu contact?o|por entrar))/;
const bounceSubject =
  /^(?:undeliver(?:able|ed)\b|delivery status notification|delivery (?:failure|failed|has failed|report|delayed|notification|problem)|delayed (?:mail|delivery)|mail delivery (?:failed|failure|system|subsystem|status|error|problem|delayed)|mail (?:system error|could not be delivered|not delivered)|returned mail|failure notice|failed (?:mail|delivery|to deliver)|message (?:delivery|delayed|not delivered|status|undeliverable|could not)|warning: (?:could not send|message)|non[- ]?delivery|nondeliverable|undelivered mail|delivered:|relayed:|unzustellbar|nicht zustellbar|zustellung (?:fehlgeschlagen|verzogert)|fehler bei der zustellung|unzustellbare|non remis|non distribuable|echec de (?:la )?(?:remise|livraison|distribution)|notification d'etat de remise|message non (?:remis|distribue)|no se puede entregar|no entregado|no se ha podido entregar|error de entrega|notificacion de estado de entrega|correo no entregado|non recapitabile|recapito non riuscito|mancato recapito|impossibile recapitare|messaggio non (?:consegnato|recapitat)|nao (?:e possivel entregar|entregue|entregavel)|falha na entrega|mensagem nao entregue|notificacao de (?:estado|status) d[ae] entrega|onbestelbaar|niet bezorgd|aflevering mislukt|bezorging mislukt|kan niet worden bezorgd)/;
const calendarPrefix =
  /^(?:(?:event )?invitation reply \([a-z ]{1,20}\)|accept|decline|zusage|absage|accepted|declined|tentative(?:ly accepted)?|new time proposed|maybe|zugesagt|angenommen|akzeptiert|abgelehnt|mit vorbehalt(?: (?:zugesagt|angenommen))?|unter vorbehalt|vorlaufig|vielleicht|neue(?:r)? (?:zeit|termin) vorgeschlagen|acceptee?|refusee?|declinee?|provisoire|peut-etre|acceptee? provisoirement|nouvel horaire propose|aceptad[oa]|rechazad[oa]|provisional|tentativ[oa]|quizas?|nueva hora propuesta|accettat[oa]|rifiutat[oa]|provvisori[oa]|forse|nuovo orario proposto|aceit[oea]|aceitou|recusad[oa]|provisori[oa]|talvez|geaccepteerd|geweigerd|afgewezen|voorlopig|misschien|onder voorbehoud|nieuw tijdstip voorgesteld) ?: ?\S/;
const readReceiptPrefix =
  /^(?:read|not read|gelesen|ungelesen|nicht gelesen|lu|non lu|leido|no leido|letto|non letto|lida|lido|nao lida|gelezen|niet gelezen|read receipt|return receipt(?: \(displayed\))?|lesebestatigung|confirmation de lecture|conferma di lettura|confirmacion de lectura|leesbevestiging) ?[:-] ?\S/;
const forwardPrefix =
  /^(?:fwd?|wg|tr|rv|rvs|enc|i|doorst|fs|vb|weitergeleitet|transfere|reenviado|inoltrato)(?:\[\d{1,3}\])? ?:/;
const replyPrefix =
  /^(?:re|aw|antw|antwort|sv|vs|rif|ref|res|r|odp|rsp|reponse|respuesta|risposta|resposta|antwoord)(?:\[\d{1,3}\])? ?:/;

/** What the subject says by its shape. Only its very beginning counts: people keep "Re: Automatic reply: ..." when they answer one. */
export function readSubject(subject: string | null, from: string | null): SubjectSigns {
  // A gateway's tag ("[EXT]", "[External]") is put before everything.
  const folded = foldText((subject ?? '').slice(0, 400))
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^(?:\[[^\]]{1,40}\] ?|\*{1,5} ?|\(auto\) ?){1,3}(?=\S)/, '');
  const tagged = foldText((subject ?? '').slice(0, 400)).trim();
  const answered = replyPrefix.test(folded);
  // Lotus Notes: "Hannah Price is out of the office." A mail program names its owner like that; people do not name themselves.
  const sender = foldText((from ?? '').slice(0, 300));
  const namesSender = (folded.match(/^[\p{L} .'-]{3,60}/u)?.[0] ?? '')
    .split(/ (?:is|will|ist|est) /, 1)[0]
    ?.split(/[ .]/)
    .some((word) => word.length >= 3 && sender.includes(word));
  return {
    automatic:
      (namesSender === true && absenceSentence.test(folded)) ||
      automaticPrefix.test(folded) ||
      /^[[(](?:auto-?reply|auto|automatic reply|autoreply)[\])]/.test(tagged),
    absence: absencePrefix.test(folded) || absenceSentence.test(folded),
    absenceOf:
      absencePrefix.test(folded) &&
      /^[^:]{2,40}(?: ?: ?| re: )(?!.{0,30}\b(?:\d{1,2}[./-]\d|\d{1,2}(?:st|th|nd|rd)?$|[a-z]{3,6}day|[a-z]{4,9}tag|[a-z]{2,5}di|this week|next week)\b)\p{L}{2}/u.test(
        folded,
      ),
    receipt: !answered && receiptSubject.test(tagged),
    number:
      !answered &&
      /[[(#]#? ?(?:[a-z]{1,8}[-: ]?)?\d{3,}|\b(?:ticket|case|request|incident)\b.{0,12}\d{3,}/.test(tagged),
    bounce: bounceSubject.test(folded),
    calendar: calendarPrefix.test(folded),
    eventTime:
      /@ .{0,30}\d{4}.{0,40}\d{1,2}[:.h]?\d{0,2} ?(?:am|pm|a\.m\.|p\.m\.)?\b/.test(folded) &&
      / ?\(.{1,80}\)/.test(folded),
    readReceipt: readReceiptPrefix.test(folded),
    rest: folded.slice(folded.search(/[:-]/) + 1).trim(),
    forwarded: forwardPrefix.test(folded),
  };
}
