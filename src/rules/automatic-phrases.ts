// What automatic answers say in their body, as named signals in English, French, German, Spanish, Italian, Portuguese and Dutch.
// Patterns meet folded text (own-text.ts) on one line. Every gap is bounded, so that matching stays linear in the text.

export type Signal = { name: string; weight: number; patterns: RegExp[] };

/** Either order, at most `gap` characters apart, within one question or exclamation. */
function near(first: string, second: string, gap = 60): RegExp {
  return new RegExp(`\\b(?:${first})[^!?]{0,${gap}}\\b(?:${second})|\\b(?:${second})[^!?]{0,${gap}}\\b(?:${first})`);
}

const dateWord =
  '\\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams)tag|mittwoch|(?:lun|mar|mercre|jeu|vendre)di|lunes|martes|miercoles|jueves|viernes|(?:lune|marte|mercole|giove|vener)di|(?:segunda|terca|quarta|quinta|sexta)|(?:maan|dins|woens|donder|vrij)dag|jan|feb|fev|mar|mrz|apr|avr|may|mai|mag|mei|jun|juin|giu|jul|juil|lug|aug|aou|ago|set|sep|oct|okt|ott|out|nov|dec|dez|dic|gen|ene|tomorrow|next week|la semaine prochaine|naechste woche|nachste woche|volgende week|morgen|demain|manana|domani|amanha';

/** First person (or the office as a whole) is away now: the heart of an out-of-office notice. */
export const absence: Signal = {
  name: 'absence',
  weight: 2,
  patterns: [
    /\b(?:i am|i'm|im|i will be|i'll be|i shall be|we are|we will be|am|is|will be)\b[^.!?]{0,40}?\b(?:out of (?:the |my )?(?:office|country|town)|out on (?:[a-z]{1,12} ){0,2}(?:leave|vacation)|away|on (?:[a-z]{1,12} ){0,3}(?:leave|vacation|holidays?|sabbatical|pto)|not (?:be )?in the office|absent|unavailable|travell?ing|out (?:until|from|through|today|this week))/,
    /(?:^|[.!?] )(?:currently |presently )?(?:out of (?:the )?office|on (?:annual |parental )?leave) (?:until|from|till|through|on|between)\b/,
    /\b(?:our|the) offices? (?:is|are|will be) (?:currently )?closed\b/,
    /\b(?:i no longer work|i am no longer (?:with|at|working|employed)|i have left|i'm no longer (?:with|at|working))\b/,
    /\b(?:je suis|je serai|je me trouve|nous sommes|etant|suis)\b[^!?]{0,50}?\b(?:absente?s?|en conges?|en vacances|hors du bureau|en deplacement|en arret|indisponible|injoignable)\b/,
    /\b(?:actuellement|momentanement) (?:absente?|en conges?|en vacances|indisponible)\b|\bje ne (?:travaille|fais) plus\b|\bnos bureaux (?:sont|seront) fermes\b|\babsente? du bureau\b/,
    /\b(?:bin ich|ich bin|ich befinde mich|befinde ich mich|befinde mich|bin|sind wir|wir sind|werde ich|ich werde)\b[^!?]{0,80}?\b(?:nicht (?:im (?:buro|buero|hause?)|am arbeitsplatz|erreichbar|verfugbar|da)|abwesend|im urlaub|in (?:den )?urlaub|ausser haus|in elternzeit|im mutterschutz|auf (?:dienst|geschafts)reise|krank(?:geschrieben)?|unterwegs)\b/,
    /\b(?:zur ?zeit|derzeit|momentan|aktuell) (?:nicht (?:im (?:buro|hause?)|erreichbar|am platz)|abwesend|ausser haus|im urlaub)\b|\bunser buro (?:ist|bleibt)[^!?]{0,40} geschlossen\b|\bbin (?:ich )?nicht mehr (?:bei|fur|im unternehmen)\b|\bich arbeite nicht mehr\b/,
    /\b(?:estoy|estare|me encuentro|me encontrare|estaremos|estamos)\b[^!?]{0,60}?\b(?:fuera de (?:la |mi )?oficina|de vacaciones|de baja|ausente|de viaje|fuera del despacho|de permiso)\b|\bya no trabajo\b|\bnuestras oficinas (?:estan|permaneceran|estaran) cerradas\b/,
    /\b(?:sono|saro|mi trovo|siamo|saremo)\b[^!?]{0,60}?\b(?:fuori (?:ufficio|sede)|fuori dall'ufficio|in ferie|in vacanza|assente|in maternita|in malattia|in congedo|in trasferta)\b|\bnon lavoro piu\b|\b(?:i nostri uffici|l'ufficio) (?:sono|saranno|e|sara|restera|resteranno) chius/,
    /\b(?:estou|estarei|encontro-me|vou estar|estaremos|estamos)\b[^!?]{0,60}?\b(?:fora do escritorio|fora da empresa|de ferias|em ferias|ausente|de licenca|em licenca|em viagem)\b|\b(?:ja nao trabalho|nao trabalho mais)\b/,
    /\b(?:ik ben|ben ik|ik zal|wij zijn|zijn wij|zijn we|we zijn|ben)\b[^!?]{0,70}?\b(?:afwezig|niet (?:op kantoor|aanwezig|bereikbaar|werkzaam)|(?:met|op) (?:vakantie|verlof|\w{1,20}verlof)|buiten kantoor|op reis)\b|\bniet meer werkzaam\b|\bik ben er niet\b|\bons kantoor is[^!?]{0,40} gesloten\b/,
  ],
};

/** Only the matter of absence is named: enough beside a mail program's own subject, where no sentence above was recognised. */
export const absenceTopic: Signal = {
  name: 'absence-topic',
  weight: 1,
  patterns: [
    /\b(?:vacation|holidays?|leave|out of office|the office|sick|conference|closed|unavailable|delayed|away|ooo)\b/,
    /\b(?:\w{0,12}urlaub|\w{0,12}ferien|krank\w{0,12}|erreichbar|buro|elternzeit|abwesen\w{1,5}|verreist|geschlossen)\b/,
    /\b(?:conges?|vacances|bureaux?|fermee?s?|indisponible|deplacement|absen(?:t|ce)e?|vacaciones|disponible|oficinas?|cerrad[ao]s?|ausen\w{1,4}|baja)\b/,
    /\b(?:ferie|ufficio|assen[tz]\w{1,2}|chius[oi]|malattia|vacanza|ferias|escritorio|licenca|indisponivel|fechad[ao]s?|vakantie|verlof|ziekte?|kantoor|afwezig\w{0,4}|gesloten|bereikbaar|aanwezig)\b/,
  ],
};

/** Words to somebody who is away, from one who is not: wishes, and "when you are back". */
export const speaksToAbsent: Signal = {
  name: 'speaks-to-absent',
  weight: -3,
  patterns: [
    /\b(?:enjoy|have (?:a|an) (?:nice|great|good|wonderful|relaxing)|happy holidays|get well|congratulations|no (?:problem|worries|rush)|thanks for (?:letting|the info)|your (?:leave|vacation|holidays?|return|absence|trip|time off|out of office)|(?:when|once|until|till|after|if) you(?:'re| are| get| come)? (?:back|return|need me))\b/,
    /\b(?:gute besserung|schonen urlaub|gute erholung|schone ferien|danke fur die (?:info|ruckmeldung)|(?:ihre[mnr]?|deine[mnr]?) (?:urlaub|ruckkehr|abwesenheit)|(?:wenn|sobald|bis) (?:sie|du) (?:wieder|zuruck)|kein problem)\b/,
    /\b(?:bonnes? (?:vacances|conges)|bon retablissement|(?:votre|ton|vos) (?:retour|absence|conges?|vacances)|quand vous (?:serez|reviendrez)|pas de (?:souci|probleme))\b/,
    /\b(?:buenas vacaciones|disfrut\w{1,4}|que te mejores|(?:su|tu) (?:regreso|vuelta|ausencia)|cuando (?:vuelvas?|regreses?)|(?:felices|sus|tus) vacaciones|buone (?:vacanze|ferie)|(?:tuo|suo) (?:rientro|ritorno)|(?:tue|sue) ferie|quando (?:torni|torna|rientri|rientra)|nessun problema)\b/,
    /\b(?:boas ferias|as melhoras|(?:teu|seu) (?:regresso|retorno)|(?:suas|tuas) ferias|quando (?:voltares|voltar|regressares)|sem problema|fijne vakantie|beterschap|(?:je|jouw|uw) (?:vakantie|terugkomst|verlof|afwezigheid)|(?:als|zodra|wanneer) (?:je|u) (?:weer )?terug|geen probleem)\b/,
  ],
};

/** Something is wanted that only the reader can do. "Please contact ..." is not of this kind: responders say it. */
export const requests: Signal = {
  name: 'requests',
  weight: -3,
  patterns: [
    /\bplease (?:(?:send|forward|give|tell|show) (?:me|us)|(?:fix|confirm|cancel|advise|sign|renew|refund|stop|correct|deliver|go ahead|find attached|see attached)\b)|\blet (?:me|us) know\b|\b(?:can|could|would) you (?:please )?(?!contact|reach|call|e-?mail|write|ask)[a-z]/,
    /\bbitte (?:\S{1,30} ){0,6}(?:prufen|(?:schicken|senden) sie (?:mir|uns)|zusenden|stornieren|bestatigen|korrigieren|andern|kundigen|unterschreiben|liefern)\b|\b(?:konnen|konnten|wurden) sie (?:mir|bitte)\b/,
    /\b(?:merci de|veuillez|pouvez-vous|pourriez-vous|priere de) (?:bien vouloir )?(?:(?:m'|me |nous )(?:envoyer|transmettre|dire|indiquer)|confirmer|verifier|annuler|corriger|modifier|signer)/,
    /\bpor favor,? (?:(?:envi|mand)\w{0,6}(?:me|nos)|(?:confirm|revis|cancel|corrij|corrig|verifi)\w{1,8})\b|\b(?:pueden?|podrian?|puedes) (?:(?:enviar|mandar|decir)(?:me|nos)|confirmar|revisar)\b|\b(?:per favore|cortesemente) (?:(?:invia|manda)\w{0,3}(?:mi|ci)|(?:conferm|verific|annull|corregg)\w{1,8})\b|\b(?:potete|puo|potrebbe) (?:(?:inviar|mandar|dir)(?:mi|ci)|(?:conferm|verific|annull|corregg)\w{1,8})\b/,
    /\b(?:podem|podia|pode|poderiam) (?:(?:enviar|mandar|dizer)-(?:me|nos)|confirmar|verificar|corrigir)\b|\b(?:graag|gelieve|alstublieft|aub) (?:\S{1,20} ){0,4}(?:toesturen|bevestigen|controleren|annuleren|aanpassen|corrigeren)\b|\b(?:kunt u|kun je|kunnen jullie) (?:mij|me|ons) (?:de|het|een|sturen|laten)\b/,
  ],
};

export const returnDate: Signal = {
  name: 'return-date',
  weight: 1,
  patterns: [
    new RegExp(
      `\\b(?:until|till|through|back|return(?:ing)?|from|between|bis|ab|wieder|zuruck|vom|jusqu'au|jusqu'a|retour|a partir du|du|hasta|regreso|regresare|vuelvo|volvere|del|dal|fino a?l?|rientr\\w{1,6}|torner\\w{1,4}|ate|regress\\w{1,4}|retorn\\w{1,6}|volto|tot|t/m|terug|vanaf)\\b[^!?]{0,40}?\\b(?:${dateWord})`,
    ),
  ],
};

/** Somebody else is named for what cannot wait. */
export const substitute: Signal = {
  name: 'substitute',
  weight: 1,
  patterns: [
    near(
      "urgent(?:e|es|ly|nt|ie|ies)?|urgency|immediate (?:assistance|help|attention)|emergenc(?:y|ies)|in (?:my|our) absence|(?:while|when) i(?:'m| am) (?:away|out)|in the meantime|(?:need|require) assistance|dringend\\w{0,3}|eilig\\w{0,2}|notfall|notfallen|meiner abwesenheit|vertretung|vertritt mich|zwischenzeit|urgence|mon absence|urgencia|mi ausencia|urgenza|urgenze|mia assenza|minha ausencia|spoed\\w{0,10}|dringende?|mijn afwezigheid|tussentijd",
      'contact\\w{0,3}|call|reach|e-?mail|mail|write|phone|ask|turn|wenden|kontakt\\w{0,7}|anruf\\w{0,2}|telefon\\w{0,6}|erreichen|joindre|adresser|appele[rz]|ecrire|comunicarse|llam\\w{1,5}|escrib\\w{1,5}|dirigirse|contatt\\w{1,4}|rivolger\\w{1,4}|scrive\\w{1,3}|chiam\\w{1,4}|contat\\w{1,4}|ligar|ligue|bellen|neem|opnemen|kunt u|kun je|\\S{1,60}@\\S{1,60}',
      120,
    ),
  ],
};

export const unread: Signal = {
  name: 'mail-unread',
  weight: 1,
  patterns: [
    /\b(?:limited|no|intermittent|sporadic|restricted|irregular|little|infrequent) (?:or no )?(?:internet |email |e-mail )?access\b|\bnot (?:be )?(?:check|read|monitor|access)ing (?:my )?e?-?mail|\b(?:check|read)(?:ing)? (?:my )?e-?mails? (?:infrequently|sporadically|periodically|occasionally|intermittently)|\b(?:e-?mails?|messages?) (?:will|is|are|are) not (?:be )?(?:forward|read|monitor)/,
    /\b(?:werden|wird) (?:in dieser zeit |wahrend \w{1,10} \w{1,12} )?(?:nicht|auch nicht) (?:automatisch )?(?:weitergeleitet|gelesen|bearbeitet)|\bkeinen zugriff auf|\beingeschrankten zugriff|\bnur (?:sporadisch|unregelmassig|eingeschrankt)\b/,
    /\bacces (?:limite|restreint|reduit) |\bne (?:sera|seront) (?:pas|ni) (?:lus?|transfer|consult|trait)|\bpas acces a (?:ma|mes)|\bacces[so]o? limitad?t?o (?:al|a|alla|ao)|\bsin acceso a(?:l| mi)|\bnon (?:avro|ho) accesso|\b(?:sem|nao terei) acesso (?:ao|a)\b/,
    /\bbeperkte? toegang|\b(?:worden|wordt) niet (?:gelezen|doorgestuurd)|\bgeen toegang tot mijn/,
  ],
};

/** The address itself is given up. */
export const retired: Signal = {
  name: 'mailbox-retired',
  weight: 2,
  patterns: [
    /\b(?:mailbox|e-?mail address|inbox|address|account|e-?mail) [^.!?]{0,60}\b(?:is|was|are) (?:no longer|not) (?:being )?(?:in use|monitored|used|active|valid|attended|checked|read)\b/,
    /\b(?:e-?mail-?adresse|adresse|postfach) [^.!?]{0,60}\b(?:wird|ist) nicht (?:mehr|langer) (?:verwendet|gelesen|genutzt|gultig|aktiv|betreut|abgerufen|uberwacht)\b/,
    /\b(?:adresse|boite|messagerie) [^.!?]{0,60}\bn'est (?:plus|pas) (?:utilisee?|valide|active|consultee|relevee|surveillee)\b/,
    /\b(?:direccion|buzon|cuenta) [^.!?]{0,60}\b(?:ya no|no) (?:esta|se) (?:en uso|activ[ao]|utiliza|revisa|supervisa\w{0,2})\b|\b(?:indirizzo|casella) [^.!?]{0,60}\bnon e (?:piu )?(?:in uso|attiv[oa]|presidiat[oa]|monitorat[oa])\b/,
    /\b(?:endereco|caixa|conta) [^.!?]{0,60}\b(?:ja nao|nao) (?:esta|e) (?:mais )?(?:em uso|ativ[ao]|utilizad[ao]|monitorizad[ao]|monitorad[ao])\b|\b(?:e-?mailadres|mailbox|postbus|adres) [^.!?]{0,60}\b(?:is|wordt) niet (?:meer|langer) (?:in gebruik|gelezen|actief|gebruikt|bekeken)\b/,
  ],
};

/** The answer is put off to the return of the writer. */
export const deferred: Signal = {
  name: 'answer-deferred',
  weight: 1,
  patterns: [
    /\b(?:upon|on|after|following) my return\b|\b(?:when|once|as soon as|after) i(?:'m| am| have| will be|'ll be)? ?(?:get |be |come )?(?:back|return(?:ed)?)\b/,
    /\bnach meiner (?:ruckkehr|wiederkehr)|\bsobald ich (?:wieder|zuruck)|\bwenn ich (?:wieder|zuruck)|\bnach meinem urlaub\b/,
    /\b(?:des|a) mon retour\b|\bdes que je (?:serai|reviens)|\ba mi (?:regreso|vuelta|retorno)\b|\bcuando (?:regrese|vuelva)\b|\bal (?:mio )?(?:rientro|ritorno)\b|\bappena (?:rientro|torno|saro)\b|\b(?:no|apos o|ao) (?:meu )?(?:regresso|retorno)\b|\b(?:assim que|quando) (?:regressar|retornar|voltar)\b/,
    /\b(?:bij|na) (?:mijn )?(?:terugkomst|terugkeer)\b|\bzodra ik (?:terug|weer)\b|\bals ik (?:weer )?terug\b/,
  ],
};

/** Thanks for writing, the way one thanks whoever writes. */
export const greetsAnyMail: Signal = {
  name: 'thanks-for-writing',
  weight: 1,
  patterns: [
    /\b(?:thank you|thanks|thx)(?: very much| so much)? for (?:(?:your|the) (?:recent |kind )?(?:e-?mails?|message|mail|enquiry|inquiry|request|interest|note|query|submission|application)|contacting|reaching out|getting in touch|e-?mailing|writing|submitting|your e)/,
    /\bdank(?:e)? (?:fur|fuer) (?:ihre|deine|eure|die|das) (?:freundliche )?(?:e-?mail|nachricht|anfrage|mail|kontaktaufnahme|mitteilung|schreiben|interesse|bewerbung|anliegen)/,
    /\bmerci (?:beaucoup )?(?:de|pour) (?:votre|ton|vos) (?:message|e?-?mails?|courriel|demande|interet|candidature)|\bmerci (?:de nous|d'avoir|de m'avoir|de nous avoir) (?:avoir )?(?:contact|ecrit|pris)|\bj'ai bien recu votre (?:message|mail|e-mail|courriel)/,
    /\bgracias por (?:(?:su|tu|el) (?:correo|mensaje|e-?mail|consulta|solicitud|interes)|contactar|comunicarse|ponerse|escribir|su contacto)/,
    /\bgrazie (?:mille )?per (?:(?:la|il) (?:(?:sua|tua|vostra|suo|tuo|vostro) )?(?:e-?mail|mail|messaggio|richiesta|interesse|contatto)|aver\w{0,3} (?:contattat|scritt))/,
    /\bobrigad[oa] (?:por|pelo|pela) (?:o )?(?:seu |sua |teu |vosso )?(?:contact?o|e-?mail|mensagem|pedido|interesse|entrar|nos contact?ar|email)/,
    /\b(?:dank|bedankt|dankjewel) voor (?:uw|je|jouw|het|de) (?:e-?mail|bericht|mail|vraag|aanvraag|contact|interesse|verzoek|sturen)/,
  ],
};

/** The receipt of a message is confirmed: the heart of a helpdesk's answer. (Of a message: parcels and payments are people's talk.) */
export const received: Signal = {
  name: 'receipt-confirmed',
  weight: 2,
  patterns: [
    /\b(?:have|we|we've|has|been|successfully) (?:now |just )?(?:successfully )?(?:received|got|gotten|registered|logged) your (?:\w{1,12} ){0,2}(?:e-?mail|message|request|enquiry|inquiry|ticket|question|query|submission|application|case|complaint|report)\b/,
    /\byour (?:[a-z]{1,12} ){0,3}(?:request|ticket|case|message|e-?mail|enquiry|inquiry|query|question|submission|application|complaint|report)\b[^.!?]{0,40}?\b(?:has|have|was|were|is) (?:now )?(?:been )?(?:successfully )?(?:received|created|registered|logged|opened|submitted|assigned|queued|being (?:reviewed|processed))\b/,
    /\b(?:ticket|case|request)\b[^!?]{0,40}\b(?:has been|was) (?:created|opened|logged|registered|received|assigned)\b|\b(?:confirm|acknowledge)\w{0,3} (?:the )?receipt\b|\bthis is an acknowledge?ment\b|\backnowledge that we (?:have )?received\b/,
    /\bhaben (?:wir )?(?:sie|(?:ihre|deine|eine)\b[^!?]{0,60}) erhalten\b|\b(?:ihre?|deine?) (?:\w{1,20} )?(?:anfrage|nachricht|e-?mail|mail|ticket|anliegen|mitteilung|bewerbung)\b[^!?]{0,50}\b(?:ist|wurde|sind)\b[^!?]{0,50}\b(?:eingegangen|erhalten|empfangen|ubermittelt|registriert|erstellt|erfasst|angelegt|eroffnet|aufgenommen)\b|\bbestatigen (?:wir )?(?:ihnen )?(?:hiermit )?den (?:eingang|erhalt)/,
    /\bavons bien (?:recu|enregistre|pris)\b|\bvotre (?:demande|message|ticket|courriel|e?-?mail|requete)\b[^!?]{0,40}\b(?:a (?:bien )?ete|est) (?:bien )?(?:recue?|enregistre|prise? en|creee?|transmis)|\baccus(?:ons|e) (?:bonne )?reception\b/,
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
      "(?:will|shall|'ll|aim to|try to|strive to|endeavou?r to|usually|typically) (?:\\w{1,12} ){0,2}(?:get back|respond|reply|answer|be in touch|contact you|follow up|come back|review|process|handle|assist)",
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
      'respond\\w{1,6}|contactar\\w{0,5}|atend\\w{1,6}|pondremos|respuesta',
      'antes posible|brevedad|en breve|plazo|horas|habiles|laborables',
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

/** The text calls itself automatic, or asks not to be answered. */
export const saysAutomatic: Signal = {
  name: 'says-automatic',
  weight: 2,
  patterns: [
    /\b(?:this|the following)\b[^.!?]{0,12}\b(?:automat(?:ed|ic|ically)|auto-?generated|auto-?reply|autoreply|auto-?response)\b/,
    /\b(?:generated|sent|created) automatically\b|\bautomatically (?:generated|sent|created)\b|\bautomated (?:reply|response|message|e-?mail|acknowledg\w{1,6}|confirmation)\b|\bdo not (?:reply|respond) (?:directly )?to this\b/,
    /\bautomatisch (?:generiert|erstellt|erzeugt|versendet|versandt|verschickt|gesendet)\w{0,2}\b|\bautomatische (?:antwort|nachricht|e-?mail|eingangsbestatigung|empfangsbestatigung|bestatigung|mitteilung)\b|\bantworten sie (?:bitte )?nicht (?:direkt )?auf diese|\bnicht auf diese (?:e-?mail|nachricht|mail) (?:zu )?antworten\b/,
    /\b(?:reponse|message|e-?mail|courriel|accuse de reception) automatique\b|\b(?:envoyee?|genere|generee|emis) automatiquement\b|\bne pas (?:y )?repondre (?:directement )?a (?:ce|cet)\b/,
    /\b(?:respuesta|mensaje|correo|notificacion) (?:es )?automatic[oa]\b|\b(?:generad|enviad)[oa] (?:de forma )?automatic|\bno (?:responda|responder|conteste) a este\b/,
    /\b(?:risposta|messaggio|e-?mail|notifica) automatic[ao]\b|\b(?:generat|inviat)[oa] (?:in modo )?automatic|\bnon rispondere a quest/,
    /\b(?:resposta|mensagem|notificacao|e-?mail) automatic[oa]\b|\b(?:gerad|enviad)[oa] automatic|\bnao (?:responda|responder) a? ?est[ea]\b/,
    /\bautomatische? (?:antwoord|bericht|e-?mail|ontvangstbevestiging|reactie)\b|\bautomatisch (?:gegenereerd|verzonden|verstuurd|aangemaakt|gegenereerde?)\b|\bniet (?:te )?(?:reageren|beantwoorden|antwoorden) op (?:deze|dit)\b|\bdeze e-?mail niet (?:te )?beantwoorden\b/,
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
