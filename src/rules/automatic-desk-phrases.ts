// What helpdesk programs say in their answers, as named signals in English, French, German, Spanish, Italian, Portuguese and Dutch.
// Patterns meet folded text (own-text.ts) on one line. Every gap is bounded, so that matching stays linear in the text.
import { near, type Signal } from './automatic-signs.ts';

/** The receipt of a message is confirmed: the heart of a helpdesk's answer. (Of a message: parcels and payments are people's talk.) */
export const received: Signal = {
  name: 'receipt-confirmed',
  weight: 2,
  patterns: [
    /\b(?:have|we|we've|has|been|successfully) (?:now |just )?(?:successfully )?(?:received|got|gotten|registered|logged) your (?:\w{1,12} ){0,2}(?:e-?mail|message|request|enquiry|inquiry|ticket|question|query|submission|application|case|complaint|report)\b/,
    /\byour (?:[a-z]{1,12} ){0,3}(?:request|ticket|case|message|e-?mail|enquiry|inquiry|query|question|submission|application|complaint|report)\b[^.!?]{0,40}?\b(?:has|have|was|were|is) (?:now )?(?:been )?(?:successfully )?(?:received|created|registered|logged|opened|submitted|assigned|queued|being (?:reviewed|processed))\b/,
    /\b(?:ticket|case|request)\b[^!?]{0,40}\b(?:has been|was) (?:created|opened|logged|registered|received|assigned)\b|\b(?:confirm|acknowledge)\w{0,3} (?:the )?receipt\b|\bthis is an acknowledge?ment\b|\backnowledge that we (?:have )?received\b/,
    /\bhaben (?:wir )?(?:sie|(?:ihre|deine|eine)\b[^!?]{0,60}) erhalten\b|\b(?:ihre?|deine?) (?:\w{1,20} )?(?:anfrage|nachricht|e-?mail|mail|ticket|anliegen|mitteilung|bewerbung)\b[^!?]{0,50}\b(?:ist|wurde|sind)\b[^!?]{0,50}\b(?:eingegangen|erhalten|empfangen|ubermittelt|registriert|erstellt|erfasst|angelegt|eroffnet|aufgenommen)\b|\bbestatigen (?:wir )?(?:ihnen )?(?:hiermit )?den (?:eingang|erhalt)/,
    /\bavons bien (?:recu|enregistre|pris(?: en compte)?) votre (?:\w{1,12} )?(?:demande|message|courriel|e?-?mail|requete|ticket|candidature|reclamation)\b|\bvotre (?:demande|message|ticket|courriel|e?-?mail|requete)\b[^!?]{0,40}\b(?:a (?:bien )?ete|est) (?:bien )?(?:recue?|enregistre|prise? en|creee?|transmis)|\baccus(?:ons|e) (?:bonne )?reception\b/,
    /\bhemos recibido (?:su|tu|correctamente)\b|\b(?:su|tu) (?:solicitud|consulta|mensaje|correo|ticket|caso|peticion)\b[^!?]{0,40}\b(?:ha sido|fue|se ha) (?:recibid|cread|registrad|abiert|asignad)/,
    /\babbiamo (?:ricevuto|preso in carico)\b[^!?]{0,20}\b(?:richiesta|messaggio|e-?mail|segnalazione)\b|\b(?:sua|tua|suo|tuo|vostra) (?:richiesta|messaggio|ticket|e-?mail|segnalazione)\b[^!?]{0,40}\be stat[oa] (?:ricevut|registrat|apert|creat|pres|inoltrat)/,
    /\brecebemos (?:o seu|a sua|seu|sua|o teu|a tua) (?:pedido|mensagem|solicitacao|contacto?|e-?mail)\b|\b(?:seu|sua|teu|tua) (?:solicitacao|pedido|mensagem|chamado|ticket|e-?mail|contacto?)\b[^!?]{0,40}\bfoi (?:recebid|registrad|registad|criad|abert)/,
    /\b(?:wij|we) hebben (?:uw|je|jouw) (?:aanvraag|bericht|e-?mail|mail|ticket|verzoek|vraag|melding)\b[^!?]{0,50}\bontvangen\b|\b(?:uw|je|jouw) (?:aanvraag|bericht|e-?mail|ticket|verzoek|vraag|melding)\b[^!?]{0,40}\b(?:is|werd)\b[^!?]{0,30}\b(?:ontvangen|aangemaakt|geregistreerd|binnengekomen)\b/,
  ],
};

/** What helpdesk programs put into every answer: how to add a comment, and where to write. */
export const commentLine: Signal = {
  name: 'comment-line',
  weight: 2,
  patterns: [
    /\b(?:type )?(?:your )?reply above this line\b|\boberhalb dieser zeile\b|\bau-dessus de cette ligne\b|\bencima de esta linea\b|\bsopra questa (?:riga|linea)\b|\bacima (?:desta|dessa) linha\b|\bboven deze (?:regel|lijn)\b/,
    /\b(?:to (?:add|provide)|wish to (?:add|provide)|adding) (?:an? )?(?:additional|further|more|any)? ?(?:comments?|information|details?)\b|\bum (?:weitere|zusatzliche) (?:kommentare|informationen|angaben)\b|\bpour ajouter (?:des|un|d'autres) (?:commentaires?|informations?)\b|\bpara (?:agregar|anadir) (?:mas )?(?:comentarios|informacion)\b|\bper aggiungere (?:altri |ulteriori )?(?:commenti|informazioni)\b|\bpara (?:adicionar|acrescentar) (?:mais )?(?:comentarios|informacoes)\b|\b(?:opmerkingen|informatie) toe te voegen\b/,
    // "Please leave the number in the subject": a person knows whom he answers.
    /\b(?:do not change the subject|number in (?:the|your) subject|nummer\b[^.!?]{0,50}\bim betreff|numero\b[^.!?]{0,40}\b(?:dans l'objet|en el asunto|nell'oggetto|no assunto)|nummer\b[^.!?]{0,50}\bin (?:het|de) onderwerp)/,
  ],
};

/** A team speaks of itself, not a person. */
export const teamVoice: Signal = {
  name: 'team-voice',
  weight: 1,
  patterns: [
    /\b(?:our|the) (?:\w{1,12} )?(?:support |service |customer \w{1,8} )?(?:team|staff|agents|representatives|specialists)\b|\ba (?:\w{1,12} )?(?:representative|agent|member of)\b|\b(?:unser\w{0,2}|das) (?:\w{0,12}-?)?(?:team|mitarbeiter\w{0,2}|kundenservice)\b|\bsupport-(?:team|mitarbeiter\w{0,2})\b|\b(?:notre|nos|un) (?:equipe|conseillers?|agents?)\b|\b(?:nuestro|un) (?:equipo|agente|asesor)\b|\b(?:nostro|un) (?:team|staff|personale|operatore)\b|\b(?:nossa|um) (?:equipe|equipa|atendente|agente)\b|\b(?:ons|onze|een) (?:\w{0,12}team|\w{0,12}medewerkers?)\b/,
  ],
};

/** An answer within a time is promised in the name of a team. */
export const promised: Signal = {
  name: 'answer-promised',
  weight: 1,
  patterns: [
    near(
      "(?:will|shall|'ll|aims? to|try to|strive to|endeavou?r to|usually|typically) (?:\\w{1,12} ){0,2}(?:get back|respond|reply|answer|be in touch|contact you|follow up|come back|review|process|handle|assist)",
      'as soon as|shortly|within|soon|(?:business|working) (?:day|hour)s?|\\d{1,3} hours?|possible',
    ),
    /\bwill (?:investigate|review|look into)\b[^!?]{0,40}\band (?:follow up|get back|respond|contact)\b/,
    near(
      'meld\\w{1,4}|(?:be)?antwort\\w{0,4}|bearbeit\\w{1,4}|kummern|setzen uns|ruckmeldung|zuruckkommen',
      'schnellstmoglich|so (?:schnell|bald|rasch) wie moglich|in kurze|innerhalb|baldmoglichst|umgehend|zeitnah|werktag\\w{0,2}|stunden|schnell|bald',
    ),
    near(
      'repond\\w{1,5}|recontacter\\w{0,4}|reviendr\\w{1,4}|trait\\w{1,4}|reponse|contacter\\w{0,4}',
      'brefs delais|meilleurs delais|des que possible|sous \\d{1,3}|rapidement|heures|jours? ouvr\\w{1,4}|plus vite',
    ),
    near(
      'respond\\w{1,6}|contest\\w{1,6}|contactar\\w{0,5}|atend\\w{1,6}|pondremos|respuesta',
      'antes posible|en cuanto|brevedad|en breve|plazo|horas|habiles|laborables',
    ),
    near(
      'rispond\\w{1,6}|(?:ri)?contatter\\w{1,4}|risposta',
      'prima possibile|piu presto|quanto prima|entro|ore|lavorativ\\w',
    ),
    near(
      'respond\\w{1,6}|contact\\w{1,6}|contat\\w{1,6}|retorn\\w{1,6}|atend\\w{1,6}|resposta',
      'breve(?:mente)? possivel|que possivel|em breve|brevidade|horas|uteis|prazo',
    ),
    near(
      'reage\\w{1,4}|beantwoord\\w{0,3}|antwoord\\w{0,3}|contact|nemen|terugkoppeling|reactie',
      'zo snel mogelijk|spoedig|binnen|werkdag\\w{0,2}|uur|zo spoedig',
    ),
  ],
};

export const namesNumber: Signal = {
  name: 'request-number',
  weight: 1,
  patterns: [
    /\b(?:ticket|case|request|reference|incident|ref|enquiry|vorgang\w{0,10}|anfrage|ticketnummer|fallnummer|dossier|demande|numero|solicitud|caso|richiesta|pratica|segnalazione|chamado|protocolo|pedido|zaak\w{0,8}|referentie\w{0,8}|melding\w{0,8}|referencia|riferimento)\b[^!?\d]{0,40}(?:[a-z]{1,6}-?)?\d{3,}/,
  ],
};

export const officeHours: Signal = {
  name: 'office-hours',
  weight: 1,
  patterns: [
    /\b(?:opening|business|office|working|support) hours\b|\b(?:offnungs|geschafts|service|buro)zeiten\b|\bhoraires d'ouverture\b|\bhorario (?:de|comercial)\b|\borari (?:di|d'|dell)|\bopeningstijden\b|\bmonday (?:to|through|-|–) friday\b|\bmontag (?:bis|-|–) freitag\b|\blundi au vendredi\b|\blunes a viernes\b|\blunedi al venerdi\b|\bsegunda a sexta\b|\bmaandag (?:t\/m|tot)/,
  ],
};

/** The state of the request and common questions can be read on a page. */
export const selfService: Signal = {
  name: 'self-service',
  weight: 1,
  patterns: [
    /\b(?:view|track|check|follow)(?:ing)? (?:the |this )?(?:status|progress|your (?:ticket|request|case)|ticket's progress|request|ticket)\b|\b(?:help cent(?:er|re)|knowledge base|faqs?)\b|\b(?:hilfe-?center|hilfebereich|wissensdatenbank)\b|\bcentre d'aide\b|\bcentro de (?:ayuda|ajuda|soporte)\b|\bcentro assistenza\b|\bhelpcentrum\b/,
  ],
};
