// What automatic answers say in their body, as named signals in English, French, German, Spanish, Italian, Portuguese and Dutch.
// Patterns meet folded text (own-text.ts) on one line. Every gap is bounded, so that matching stays linear in the text.

import { near, type Signal } from './automatic-signs.ts';

const dateWord =
  '\\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams)tag|mittwoch|(?:lun|mar|mercre|jeu|vendre)di|lunes|martes|miercoles|jueves|viernes|(?:lune|marte|mercole|giove|vener)di|(?:segunda|terca|quarta|quinta|sexta)|(?:maan|dins|woens|donder|vrij)dag|jan|feb|fev|mar|mrz|apr|avr|may|mai|mag|mei|jun|juin|giu|jul|juil|lug|aug|aou|ago|set|sep|oct|okt|ott|out|nov|dec|dez|dic|gen|ene|tomorrow|next week|la semaine prochaine|naechste woche|nachste woche|volgende week|morgen|demain|manana|domani|amanha';

/** First person is away now: the heart of an out-of-office notice. */
export const absence: Signal = {
  name: 'absence',
  weight: 2,
  patterns: [
    /\b(?:i am|i'm|im|i will be|i'll be|i shall be|we are|we will be|(?:^|[.!?] )(?:am|will be))\b[^.!?]{0,40}?\b(?:out of (?:the |my )?(?:office|country|town)|out on (?:[a-z]{1,12} ){0,2}(?:leave|vacation)|away|on (?:[a-z]{1,12} ){0,3}(?:leave|vacation|holidays?|sabbatical|pto)|not (?:be )?in the office|absent|unavailable|travell?ing|out (?:until|from|through|today|this week))/,
    /(?:^|[.!?] )(?:currently |presently )?(?:out of (?:the )?office|on (?:annual |parental )?leave) (?:until|from|till|through|on|between)\b/,
    /\b(?:i no longer work|i am no longer (?:with|at|working|employed)|i have left|i'm no longer (?:with|at|working))\b/,
    /\b(?:je suis|je serai|je me trouve|nous sommes|etant|suis)\b[^!?]{0,50}?\b(?:absente?s?|en conges?|en vacances|hors du bureau|en deplacement|en arret|indisponible|injoignable)\b/,
    /\b(?:actuellement|momentanement) (?:absente?|en conges?|en vacances|indisponible)\b|\bje ne (?:travaille|fais) plus\b|\babsente? du bureau\b/,
    /\b(?:bin ich|ich bin|ich befinde mich|befinde ich mich|befinde mich|bin|sind wir|wir sind|werde ich|ich werde)\b[^!?]{0,80}?\b(?:nicht (?:im (?:buro|buero|hause?)|am arbeitsplatz|erreichbar|verfugbar|da)|abwesend|im urlaub|in (?:den )?urlaub|ausser haus|in (?:\w{1,12} )?elternzeit|i[nm] mutterschutz|auf (?:dienst|geschafts)reise|krank(?:geschrieben)?|unterwegs)\b/,
    /\b(?:zur ?zeit|derzeit|momentan|aktuell) (?:nicht (?:im (?:buro|hause?)|erreichbar|am platz)|abwesend|ausser haus|im urlaub)\b|\bbin (?:ich )?nicht mehr (?:bei|fur|im unternehmen)\b|\bich arbeite nicht mehr\b/,
    /\b(?:estoy|estare|me encuentro|me encontrare|estaremos|estamos)\b[^!?]{0,60}?\b(?:fuera de (?:la |mi )?oficina|de vacaciones|de baja|ausente|de viaje|fuera del despacho|de permiso)\b|\bya no trabajo\b/,
    /\b(?:sono|saro|mi trovo|siamo|saremo)\b[^!?]{0,60}?\b(?:fuori (?:ufficio|sede)|fuori dall'ufficio|in ferie|in vacanza|assente|in maternita|in malattia|in congedo|in trasferta)\b|\bnon lavoro piu\b/,
    /\b(?:estou|estarei|encontro-me|vou estar|estaremos|estamos)\b[^!?]{0,60}?\b(?:fora do escritorio|fora da empresa|de ferias|em ferias|ausente|de licenca|em licenca|em viagem)\b|\b(?:ja nao trabalho|nao trabalho mais)\b/,
    /\b(?:ik ben|ben ik|ik zal|wij zijn|zijn wij|zijn we|we zijn|ben)\b[^!?]{0,70}?\b(?:afwezig|niet (?:op kantoor|aanwezig|bereikbaar|werkzaam)|(?:met|op) (?:vakantie|verlof|\w{1,20}verlof)|buiten kantoor|op reis)\b|\bniet meer werkzaam\b|\bik ben er niet\b/,
    /\b(?:i am|i'm|we are|we're|i will be|i'll be|we will be|we'll be) (?:[a-z]{1,12} ){0,3}back (?:at (?:my desk|work)|in (?:the )?office|on|from|in)\b|\b(?:i'm|i am) at (?:a|an|the) (?:[a-z]{1,12} ){0,2}(?:fair|conference|training|seminar|workshop|offsite|congress)\b|\b(?:i'm|i am|am) (?:out|off|ooo)(?: sick| today| this week)?(?= (?:until|till|from|through|with)\b|[.,]|$)/,
    /\bi (?:do not|don't) (?:usually |normally )?work (?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|\bi (?:only )?work (?:part[- ]time|(?:mon|tues|wednes|thurs|fri)days?\b)|\bmy (?:working|non-working) (?:days|hours) (?:are|is)\b|\b(?:has left|have left|no longer works? (?:at|for|with)|is no longer (?:with|at|working|employed))\b/,
    /\bje ne (?:travaille|suis) pas (?:le |la |au bureau|present|disponible)|\bde retour (?:le|lundi|mardi|mercredi|jeudi|vendredi|a partir|au bureau)\b|\bj'ai quitte\b|\bfermeture (?:annuelle|estivale|pour conges)\b/,
    /\bich (?:bin|stehe)\b[^.!?]{0,50}\bwieder (?:fur sie |fur euch )?(?:da|erreichbar|im (?:buro|haus|dienst)|zuruck|zur verfugung)\b|\b(?:ich )?arbeite (?:nur |jeweils |immer )?(?:nicht |nie )?(?:am )?(?:mon|diens|donners|frei|sams)tags?\b|\bnicht mehr (?:bei|fur|im unternehmen|in der firma|tatig)\b/,
    /\b(?:regreso|vuelvo|volvere|regresare|me reincorporo|me reincorporare) (?:el|a la oficina|al trabajo|a partir)\b|\bno (?:me encuentro|estoy|estare) (?:disponible|en la oficina|en el despacho)\b|\bya no (?:formo parte|estoy en|trabaja)\b/,
    /\b(?:rientro|rientrero|tornero|saro di ritorno|di ritorno|di rientro) (?:il|in (?:ufficio|sede)|lunedi|a partire|dal)\b|\bnon (?:sono|saro) (?:in ufficio|in sede|disponibile|presente|raggiungibile)\b|\bnon (?:faccio|fa) piu parte\b/,
    /\b(?:regresso|regressarei|retorno|retornarei|volto|voltarei|estarei de volta) (?:a|ao|em|no|dia|na)\b|\bnao (?:estou|estarei) (?:no escritorio|disponivel|ao servico)\b|\bja nao (?:faco parte|colaboro|estou n)/,
    /\bik (?:ben|heb) (?:\S{1,12} ){0,2}(?:vrij|vrije dag|weer (?:aanwezig|bereikbaar|terug|op kantoor))\b|\bik werk niet (?:op )?(?:maan|dins|woens|donder|vrij)dag|\bik ben (?:\S{1,12} ){0,6}(?:weer (?:aanwezig|bereikbaar|terug|op kantoor))\b|\bniet meer (?:werkzaam|in dienst)\b/,
    /\b(?:in|during) my absence\b|\b(?:while|as long as) i(?:'m| am) (?:away|out|on leave)\b|\b(?:in|wahrend) meiner abwesenheit\b|\b(?:en|pendant|durant) mon absence\b|\b(?:en|durante) mi ausencia\b|\b(?:in|durante la) mia assenza\b|\b(?:na|durante a) minha ausencia\b|\btijdens mijn (?:afwezigheid|vakantie|verlof)\b|\bon secondment\b/,
  ],
};

/** The office as a whole is away now. */
export const closed: Signal = {
  name: 'closed',
  weight: 2,
  patterns: [
    /\b(?:our|the) offices? (?:is|are|will be) (?:currently )?closed\b/,
    /\b(?:our|the|this) (?:\w{1,12} ){0,2}(?:offices?|shop|store|studio|practice|business|company|workshop|warehouse|showroom|school|clinic|team|department|agency|factory) (?:is|are|will be|will remain|remains?) (?:now |currently )?(?:closed|shut)\b|\bwe (?:are|will be) (?:currently )?closed\b|\bon (?:pto|annual leave)\b/,
    /\b(?:entreprise|societe|cabinet|magasin|atelier|agence|bureaux?|boutique|etablissement|service) (?:est|sont|sera|seront|restera|resteront)\b[^!?]{0,40}\bfermee?s?\b|\bnous (?:sommes|serons) (?:actuellement )?fermes\b|\bfermeture (?:annuelle|estivale|pour conges)\b/,
    /\b(?:betrieb|buro|geschaft|kanzlei|praxis|firma|laden|werkstatt|unternehmen|sekretariat)\b[^!?]{0,60}\b(?:geschlossen|betriebsferien|betriebsurlaub)\b|\bwir haben (?:\S{1,20} ){0,6}(?:geschlossen|betriebsferien|betriebsurlaub)\b|\bsind wir (?:wieder )?(?:\S{1,12} ){0,3}(?:fur sie da|erreichbar)\b/,
    /\b(?:oficinas?|despacho|empresa|tienda|taller|estudio|centro) (?:esta|estan|estara|estaran|permanecera|permaneceran)\b[^!?]{0,40}\bcerrad|\b(?:estamos|estaremos) cerrados\b/,
    /\b(?:studio|ufficio|azienda|ditta|negozio|uffici|laboratorio|agenzia) (?:e|resta|restera|sara|rimane|rimarra|saranno|resteranno|sono) (?:\S{1,12} ){0,2}chius[oi]\b|\b(?:siamo|saremo|restiamo) chiusi\b/,
    /\b(?:escritorio|empresa|loja|atelier|nossos servicos) (?:esta|estao|estara|estarao|encontra-se|encontram-se)\b[^!?]{0,40}\b(?:encerrad|fechad)|\b(?:estamos|estaremos) (?:encerrados|fechados)\b/,
    /\b(?:bedrijf|winkel|kantoor|praktijk|zaak|werkplaats|school|showroom)\b[^!?]{0,40}\b(?:gesloten|dicht)\b|\bwij zijn (?:\S{1,14} ){0,6}(?:gesloten|weer (?:bereikbaar|open|aanwezig))\b/,
  ],
};

/** Only the matter of absence is named: enough beside a mail program's own subject, where no sentence above was recognised. */
export const absenceTopic: Signal = {
  name: 'absence-topic',
  weight: 1,
  patterns: [
    /\b(?:vacation|holidays?|leave|out of office|the office|sick|conference|closed|unavailable|delayed|away|ooo|sabbatical|last day|left|sleeping|travell?ing|day off|training|parental|back)\b/,
    /\b(?:\w{0,12}urlaub|\w{0,12}ferien|krank\w{0,12}|erreichbar|buro|elternzeit|abwesen\w{1,5}|verreist|geschlossen|fortbildung|dienstreise|keine mails|mutterschutz|reisen?|unterwegs)\b/,
    /\b(?:conges?|vacances|bureaux?|fermee?s?|indisponible|deplacement|absen(?:t|ce)e?|vacaciones|disponible|oficinas?|cerrad[ao]s?|ausen\w{1,4}|baja)\b/,
    /\b(?:ferie|ufficio|assen[tz]\w{1,2}|chius[oi]|malattia|vacanza|ferias|escritorio|licenca|indisponivel|fechad[ao]s?|vakantie|verlof|ziekte?|kantoor|afwezig\w{0,4}|gesloten|bereikbaar|aanwezig|vrij|je ne travaille pas|conge|formation|voyage|viaje|viaggio|trasferta|viagem|formacao|reis|cursus)\b/,
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
    /\bplease (?:\w{1,10} )?(?:ship|deliver|hold|keep|postpone|move|reschedule|cancel|process|book|leave|pause|replace|check|look|turn|change|update|remove|add|correct|extend) (?:the|my|our|us|it|this|that|these|those|off|on|in|into|at)\b|\bplease send (?:the|my|our|this|that|these|those|over)\b(?! (?:e-?mail|message|request))/,
    /\b(?:livrer|repousser|reporter|decaler) (?:la|le|avant|apres|ma|mon|notre)\b|\bmerci de (?:livrer|decaler|reporter|prevoir|me |nous )|\bbitte (?:\S{1,30} ){0,5}(?:verschieben|zustellen|warten|schicken|senden sie (?:die|das|den|mir|uns))\b|\b(?:por favor|se ruega)[^.!?]{0,30}\b(?:entreg|aplaz|envien|enviad|manden)\w{0,4}\b|\bconsegn(?:ate|are) (?:entro|prima)\b|\b(?:entreguem|enviem) \b/,
    /\bbitte (?:\S{1,30} ){0,6}(?:eintragen|andern|aktualisieren|loschen|einplanen|freigeben|anpassen|beheben)\b/,
  ],
};

export const returnDate: Signal = {
  name: 'return-date',
  weight: 1,
  patterns: [
    new RegExp(
      `\\b(?:until|till|through|back|return(?:ing)?|from|between|bis|ab|wieder|zuruck|vom|jusqu'au|jusqu'a|retour|a partir du|du|hasta|regreso|regresare|vuelvo|volvere|del|dal|fino a?l?|rientr\\w{1,6}|torner\\w{1,4}|ate|regress\\w{1,4}|retorn\\w{1,6}|volto|tot|t/m|terug|terugkomst|terugkeer|ruckkehr|vanaf|sobald|desde)\\b[^!?]{0,40}?\\b(?:${dateWord})`,
    ),
  ],
};

/** Somebody else is named for what cannot wait. */
export const substitute: Signal = {
  name: 'substitute',
  weight: 1,
  patterns: [
    /\b(?:for|with) (?:any )?(?:urgent |other |further |immediate )?(?:questions?|quer(?:y|ies)|matters?|help|assistance|support|issues?|requests?|enquir(?:y|ies)|stuff|things?)\b[^.!?]{0,60}\b(?:contact|e-?mail|call|reach|try|ping|ask|write|text|dm)\b|\b(?:please|kindly|instead|you can|feel free to) (?:re)?(?:contact|e-?mail|call|direct|address|reach out to|get in touch with) (?:\S{1,20} ){0,6}?\S{1,60}@\S|\bping \S{1,60}@\S/,
    /\b(?:bei|in) (?:ruckfragen|fragen|dringenden? \S{1,30}|eiligen? \S{1,30}|notfallen)\b[^!?]{0,80}\b(?:wenden|kontakt\w{0,6}|erreichen|hilft|helfen|steht|stehen|schreiben|anrufen)\b|\b(?:hilft|helfen) (?:ihnen|euch|dir)\b[^!?]{0,40}\bweiter\b|\b(?:mein\w{0,2}|unser\w{0,2}) (?:kolleg\w{1,4}|vertretung|stellvertret\w{1,5})\b[^!?]{0,80}(?:\S@\S|\d{4}|erreich\w{0,3}|wenden|gerne|ist )/,
    /\b(?:pour toute (?:question|demande|urgence)|en cas (?:de besoin|d'urgence|de necessite)|toute demande urgente)\b[^!?]{0,90}\b(?:contacter|joindre|adresser|ecrire|appeler|contactez|appelez|ecrivez|adressez)\b|\b(?:para (?:cualquier|toda) \S{3,12}|en caso de \S{3,12}|asuntos urgentes|si es urgente|temas urgentes)\b[^!?]{0,90}(?:\bcontact\w{1,5}|\bescrib\w{1,5}|\bllam\w{1,5}|\bdirij\w{1,5}|\bdirigirse|\S@\S)/,
    /\b(?:per (?:qualsiasi|ogni|eventuali|necessita|urgenze|richieste urgenti|comunicazioni)|in caso di \S{3,12}|se urgente)\b[^!?]{0,90}(?:\bcontatta\w{1,4}|\bscriver\w{1,3}|\brivolger\w{1,4}|\bchiamar\w{1,3}|\S@\S)|\b(?:para (?:qualquer|assuntos)|assuntos urgentes|em caso de \S{3,12}|se for urgente)\b[^!?]{0,90}(?:\bcontact\w{1,5}|\bcontat\w{1,5}|\bescrev\w{1,4}|\bligue|\bligar|\bfale|\bfalar|\S@\S)/,
    /\b(?:voor (?:vragen|dringende|spoed\w{0,9}|urgente)|bij (?:spoed|vragen|dringende)|in dringende gevallen|is het dringend)\b[^!?]{0,90}(?:\bcontact|\bterecht|\bbellen|\bbel\b|\bmailen|\bmail\b|\bbereiken|\S@\S)|\bmijn collega\b[^!?]{0,80}(?:\S@\S|\d{4}|bereik\w{0,4}|neemt)/,
    near(
      "urgent(?:e|es|ly|nt|ie|ies)?|urgency|immediate (?:assistance|help|attention)|emergenc(?:y|ies)|in (?:my|our) absence|(?:while|when) i(?:'m| am) (?:away|out)|in the meantime|(?:during|in) (?:this|that) (?:time|period)|in dieser zeit|pendant cette periode|durante ess?t?e periodo|in questo periodo|in deze periode|(?:need|require) assistance|dringend\\w{0,3}|eilig\\w{0,2}|notfall|notfallen|meiner abwesenheit|vertretung|vertritt mich|zwischenzeit|urgence|mon absence|urgencia|mi ausencia|urgenza|urgenze|mia assenza|minha ausencia|spoed\\w{0,10}|dringende?|mijn afwezigheid|tussentijd",
      'contact\\w{0,3}|call|reach|e-?mail|mail|write|phone|ask|turn|wenden|kontakt\\w{0,7}|anruf\\w{0,2}|telefon\\w{0,6}|erreichen|joindre|adresser|appele[rz]|ecrire|comunicarse|llam\\w{1,5}|escrib\\w{1,5}|dirigirse|contatt\\w{1,4}|rivolger\\w{1,4}|scrive\\w{1,3}|chiam\\w{1,4}|contat\\w{1,4}|ligar|ligue|bellen|neem|opnemen|kunt u|kun je|\\S{1,60}@\\S{1,60}',
      120,
    ),
  ],
};

/** Whom to write to or call, with the address or the number. */
export const otherContact: Signal = {
  name: 'other-contact',
  weight: 1,
  patterns: [
    near(
      'contact\\w{0,5}|contattar\\w{0,2}|contat[oae]r?|wenden|kontaktieren|schreiben|ecrire|ecrivez|adresser|adressez|joindre|escrib\\w{1,5}|dirij\\w{1,5}|dirigir\\w{0,3}|scriver\\w{1,3}|scrivete|rivolger\\w{1,4}|escrev\\w{1,4}|mailen|terecht|reach out|get in touch|write|e-?mail|call|phone|ring|drop|direct',
      '(?:\\S{1,60}@\\S{1,60}|\\+?\\d[\\d ()./-]{6,20}\\d)',
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
    /\b(?:with (?:limited|no|little) (?:access|email|wifi)|not (?:be )?(?:checking|monitoring|reading|looking at) (?:my )?(?:e-?mails?|inbox|messages?)|won't be (?:checking|reading)|(?:has|have) (?:not |automatically )?been (?:automatically )?forwarded|(?:is|are) not (?:being )?(?:forwarded|monitored))\b|\bn'a(?:i|urai) pas acces\b|\bno tendre acceso\b|\bleggero (?:la posta|le (?:e-?)?mail) (?:saltuariamente|sporadicamente)|\bacesso (?:limitado|restrito)\b|\b(?:wird|werden) nicht (?:automatisch )?(?:weiter|gelesen)|\bposta non (?:sara|verra|viene) (?:letta|inoltrata)\b/,
    /\b(?:unable|not able) to (?:respond|reply|answer|read)\b|\bcannot (?:respond|reply|answer|read) (?:to )?(?:your )?e?-?(?:mails?|messages?)\b|\bkann (?:ich )?(?:ihre|deine|eure|die) (?:nachricht|e-?mail|mail)(?:en)? (?:\S{1,12} ){0,2}nicht (?:beantworten|lesen|bearbeiten)\b|\bne (?:peux|pourrai) (?:pas )?(?:vous )?(?:repondre|lire)\b|\bno (?:puedo|podre) (?:responder|atender|leer|contestar)|\bnon (?:posso|potro) rispondere|\bnao (?:posso|poderei|consigo) responder|\bkan (?:ik )?(?:uw|je) (?:bericht|e?-?mail) (?:\S{1,12} ){0,2}niet (?:beantwoorden|lezen)\b/,
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
    /\b(?:when|once|as soon as) we (?:re-?open|are back|return)\b|\bau retour\b|\ba (?:la|notre) (?:reouverture|reprise)\b|\bdes (?:lundi|mardi|mercredi|jeudi|vendredi|notre retour)\b|\b(?:nach|mit) (?:den|dem|unserem) (?:betriebs)?(?:ferien|urlaub)\b|\bwenn wir wieder\b|\ba nuestro regreso\b|\bcuando (?:regresemos|volvamos)\b|\balla riapertura\b|\bal nostro rientro\b|\bna reabertura\b|\bna volta\b|\bwanneer (?:ik|we) (?:weer )?terug\b|\bbij onze terugkomst\b/,
    /\b(?:will|'ll|shall) (?:\w{1,12} ){0,2}(?:respond|reply|answer|get back|be in touch|deal with|read|attend)\b[^.!?]{0,60}\b(?:return|back|mon|tues|wednes|thurs|fri)(?:day)?\b/,
    /\b(?:tan pronto como|en cuanto) (?:regrese|vuelva|me incorpore|me reincorpore)\b|\b(?:tras|despues de) mi (?:\w{0,2}incorporacion|regreso|vuelta)\b|\bnon appena (?:rientro|saro|torno)\b|\bapos (?:o )?(?:meu )?(?:regresso|retorno)\b|\bna mijn (?:vakantie|verlof|terugkomst)\b/,
  ],
};

/** Thanks for writing, the way one thanks whoever writes. */
export const greetsAnyMail: Signal = {
  name: 'thanks-for-writing',
  weight: 1,
  patterns: [
    /\b(?:thank you|thanks|thx)(?: very much| so much)? for (?:(?:your|the) (?:recent |kind )?(?:e-?mails?|message|mail|enquiry|inquiry|request|interest|note|query|submission|application|feedback|comments?)|contacting|reaching out|getting in touch|e-?mailing|writing|submitting|applying|your e)/,
    /\bdank(?:e)? (?:fur|fuer) (?:ihre|deine|eure|die|das) (?:freundliche )?(?:e-?mail|nachricht|anfrage|mail|kontaktaufnahme|mitteilung|schreiben|interesse|bewerbung|anliegen)/,
    /\bmerci (?:beaucoup )?(?:de|pour) (?:votre|ton|vos) (?:message|e?-?mails?|courriel|demande|interet|candidature)|\bmerci (?:de nous|d'avoir|de m'avoir|de nous avoir) (?:avoir )?(?:contact|ecrit|pris)|\bj'ai bien recu votre (?:message|mail|e-mail|courriel)/,
    /\bgracias por (?:(?:su|tu|el) (?:correo|mensaje|e-?mail|consulta|solicitud|interes)|contactar|comunicarse|ponerse|escribir|su contacto)/,
    /\bgrazie (?:mille )?per (?:(?:la|il) (?:(?:sua|tua|vostra|suo|tuo|vostro) )?(?:e-?mail|mail|messaggio|richiesta|interesse|contatto)|aver\w{0,3} (?:contattat|scritt))/,
    /\bobrigad[oa] (?:por|pelo|pela) (?:o )?(?:seu |sua |teu |vosso )?(?:contact?o|e-?mail|mensagem|pedido|interesse|entrar|nos contact?ar|email)/,
    /\b(?:dank|bedankt|dankjewel) voor (?:uw|je|jouw|het|de) (?:e-?mail|bericht|mail|vraag|aanvraag|contact|interesse|verzoek|sturen)/,
    /\bje vous remercie (?:de|pour) votre (?:message|e?-?mail|courriel|demande)|\b(?:agradezco|agradecemos|agradeco) (?:su|tu|o seu|a sua|o teu) (?:correo|mensaje|e-?mail|mensagem|contacto?)|\b(?:la|ti|vi) ringrazi(?:o|amo) per (?:la|il|aver)|\b(?:ik dank|wij danken|we danken) (?:u|je) voor|\bvotre (?:mail|message|courriel|e-mail) (?:m'est )?(?:est )?bien (?:parvenu|arrive|recu)\b/,
  ],
};

/** The text calls itself automatic, or asks not to be answered. */
export const saysAutomatic: Signal = {
  name: 'says-automatic',
  weight: 2,
  patterns: [
    /\b(?:this|the following)\b(?! is not\b| isn't\b)[^.!?]{0,12}\b(?:automat(?:ed|ic|ically)|auto-?generated|auto-?reply|autoreply|auto-?response)\b/,
    /\b(?:generated|sent|created) automatically\b|\bautomatically (?:generated|sent|created)\b|\bautomated (?:reply|response|message|e-?mail|acknowledg\w{1,6}|confirmation)\b|\bdo not (?:reply|respond) (?:directly )?to this\b/,
    /\bautomatisch (?:generiert|erstellt|erzeugt|versendet|versandt|verschickt|gesendet)\w{0,2}\b|\bautomatische (?:antwort|nachricht|e-?mail|eingangsbestatigung|empfangsbestatigung|bestatigung|mitteilung)\b|\bantworten sie (?:bitte )?nicht (?:direkt )?auf diese|\bnicht auf diese (?:e-?mail|nachricht|mail) (?:zu )?antworten\b/,
    /\b(?:reponse|message|e-?mail|courriel|accuse de reception) automatique\b|\b(?:envoyee?|genere|generee|emis) automatiquement\b|\bne pas (?:y )?repondre (?:directement )?a (?:ce|cet)\b/,
    /\b(?:respuesta|mensaje|correo|notificacion) (?:es )?automatic[oa]\b|\b(?:generad|enviad)[oa] (?:de forma )?automatic|\bno (?:responda|responder|conteste) a este\b/,
    /\b(?:risposta|messaggio|e-?mail|notifica) automatic[ao]\b|\b(?:generat|inviat)[oa] (?:in modo )?automatic|\bnon rispondere a quest/,
    /\b(?:resposta|mensagem|notificacao|e-?mail) automatic[oa]\b|\b(?:gerad|enviad)[oa] automatic|\bnao (?:responda|responder) a? ?est[ea]\b/,
    /\bautomatische? (?:antwoord|bericht|e-?mail|ontvangstbevestiging|reactie)\b|\bautomatisch (?:gegenereerd|verzonden|verstuurd|aangemaakt|gegenereerde?)\b|\bniet (?:te )?(?:reageren|beantwoorden|antwoorden) op (?:deze|dit)\b|\bdeze e-?mail niet (?:te )?beantwoorden\b/,
  ],
};

/** Somebody writes about such answers: "your auto-reply", "our out-of-office messages". They speak of themselves as "this". */
export const speaksOfAutomatic: Signal = {
  name: 'speaks-of-automatic',
  weight: -4,
  patterns: [
    /(?<!\b(?:is|this) )\b(?:your|the|our|any|these|those|same|his|her|their|another|got|get|getting|received) (?:[a-z]{1,12} ){0,2}(?:auto-?(?:reply|replies|response|responses|responder|responders)|automat(?:ic|ed) (?:reply|replies|response|responses|answers?)|out[- ]of[- ]office (?:message|messages|reply|replies|notice|notices|response|assistant)|bounce|bounces)\b/,
    /\b(?:ihre|eure|deine|unsere|die|keine) (?:automatische[nr]? (?:antwort|antworten)|abwesenheitsnotiz(?:en)?|abwesenheitsmeldung(?:en)?|auto-?reply)\b|\b(?:votre|vos|nos|notre|la|les|des|recu une) (?:reponses? automatiques?|messages? d'absence)\b/,
    /\b(?:su|sus|la|vuestra|nuestra|las) respuestas? automaticas?\b|\b(?:vostra|sua|la|nostra|tua) risposta automatica\b|\b(?:sua|vossa|nossa) resposta automatica\b|\b(?:uw|jullie|het|je|onze) (?:automatische? (?:antwoord|bericht|reactie)|afwezigheids\w{4,10})\b/,
  ],
};

/** The first words answer what the reader wrote. */
export const answersShortly: Signal = {
  name: 'answers-the-reader',
  weight: -3,
  patterns: [
    /^(?:ok|okay|alright|fine|sure|understood|noted|got it|no problem|perfect|great|yes|no|yep|nope|received,|same|agreed|will do|thanks?[,!.]|thank you[,!.]|cheers)(?=[\s,.!]|$)/,
    /^(?:in ordnung|alles klar|verstanden|passt|ja|nein|kein problem|danke[,!.]|d'accord|entendu|oui|non|bien recu|parfait|merci[,!.]|vale|de acuerdo|si|no|perfecto|entendido|recibido|gracias[,!.]|va bene|d'accordo|ricevuto|perfetto|grazie[,!.]|certo|esta bem|combinado|sim|nao|recebido|obrigad[oa][,!.]|prima|akkoord|begrepen|goed|nee|dank[,!.]|bedankt[,!.])(?=[\s,.!]|$)/,
  ],
};

/** "I will look at it", "attached", "I will send you the photos": a matter both know of, so no answer to any mail. */
export const aims: Signal = {
  name: 'names-a-matter',
  weight: -2,
  patterns: [
    /\b(?:look (?:at|into)|check|test|try|do|send|fix|sign|review|discuss|have a look at|pick|get to|take care of|follow up on) (?:it|this|that|them)\b|\b(?:the (?:invoice|order|contract|delivery|parcel|quote|meeting|call|ticket|appointment|installation|technician|demo|case|project|samples?))\b/,
    /\b(?:attached|enclosed|see below|as discussed|as agreed|you (?:suggested|wanted|asked|sent|mentioned)|(?:i'll|i will|we'll|we will) (?:send|bring|ship|run|test|try|pay|sign|order|upload|share|provide) (?:you )?(?:the|my|our|a|an|some|over|it|those|these))\b/,
    /\b(?:sehe|schaue|prufe|teste|mache) (?:ich )?(?:es|das|mir das|dies)\b|\b(?:ich )?(?:schicke|sende|bringe|liefere|bezahle|teste|prufe|erledige) (?:ich )?(?:ihnen|euch|dir|dann|die|das|den|es)\b|\b(?:anbei|im anhang|wie besprochen)\b|\bje (?:le|la|les|vous|te|t'|regarde)\s?(?:envoie|enverrai|regarde|regarderai|teste|verifie|ferai|signe|transmets|ca|cela)\b|\b(?:ci-joint|en piece jointe|comme convenu)/,
    /\blo (?:miro|reviso|pruebo|mirare|revisare|guardo|provo|verifico|controllo|guardero)\b|\b(?:le|te|os|les|vi|ti|lhe|lhes) (?:envio|enviare|mando|mandare|mandero|invio|inviero|enviarei|mandarei|paso|pasare)\b|\b(?:vejo|testo|verifico) (?:isso|isto)\b|\b(?:adjunto|adjunta|en adjunto|in allegato|em anexo|segue em anexo|como acordado|come concordato)\b/,
    /\bik (?:kijk|test|bekijk) (?:het|er|dit|dat)\b|\b(?:stuur|breng|lever|betaal|test) ik (?:u|je|jullie|de|het|een)\b|\b(?:bijgevoegd|in de bijlage|zoals besproken)\b/,
  ],
};

/** Whom to reach is the writer himself. */
export const offersHimself: Signal = {
  name: 'offers-himself',
  weight: -2,
  patterns: [
    /\b(?:call|reach|text|ring|phone|contact|ping) me\b|\b(?:erreichen|rufen) sie mich\b|\bmich (?:bitte )?(?:anrufen|an)\b|\b(?:appelez|contactez|joindre|joignez)-?(?: ?moi)\b|\bme (?:joindre|contacter|appeler)\b|\bllam(?:e|a|ad|en)me\b|\bchiam(?:i|ate|a)mi\b|\bchiamatemi\b|\bligu?e(?:m)?-me\b|\bbel me\b|\bmij (?:bellen|bereiken)\b/,
  ],
};

/** An answer is put off, and it is an answer that is put off. */
export const repliesLater: Signal = {
  name: 'replies-later',
  weight: 0,
  patterns: [
    near(
      'return|back|re-?open|ruckkehr|wiederkehr|zuruck|wieder|retour|reouverture|regreso|vuelta|regrese|vuelva|incorporacion|rientro|ritorno|riapertura|regresso|retorno|volta|terugkomst|terugkeer|terug|(?:mon|tues|wednes|thurs|fri)day',
      'respond\\w{0,4}|repl(?:y|ies)|answer|get back|be in touch|contact you|deal with|read|attend|process|prendrai connaissance|repondr\\w{1,4}|traiter\\w{0,4}|lirai|recontacter\\w{0,3}|antwort\\w{0,4}|beantwort\\w{0,4}|melde|melden|bearbeit\\w{0,4}|lesen|contestar\\w{0,3}|atender\\w{0,3}|rispond\\w{1,4}|ricontatt\\w{1,4}|legger\\w{1,3}|beantwoord\\w{0,2}|reageer|antwoord\\w{0,2}|lees',
      80,
    ),
  ],
};

/** Courtesies such answers are filled with; they tell nothing and speak for nobody. */
export const courtesy: Signal = {
  name: 'courtesy',
  weight: 0,
  patterns: [
    /\b(?:(?:thank you|thanks) for your (?:patience|understanding)|sorry for (?:any|the) (?:inconvenience|delay)|apologi[sz]e for (?:any|the)|have a (?:great|nice|good|wonderful|lovely) (?:day|week|weekend|summer|time)|(?:happy|merry) (?:holidays|christmas|new year|easter)|best wishes for|please (?:note|be advised|do not)|we (?:value|appreciate) your|your (?:e-?mail|message|enquiry|request) is important|your (?:original )?(?:message|subject) was:)\b/,
    /\b(?:danke|vielen dank|wir danken) (?:\S{1,12} ){0,3}fur (?:ihr|dein|euer) verstandnis\b|\bwir bitten um (?:ihr )?verstandnis\b|\b(?:schone|frohe|erholsame) (?:\S{1,20} ){0,2}(?:tage|feiertage|weihnachten|ferien|zeit)\b|\bmerci (?:de|pour) votre (?:comprehension|patience)\b|\b(?:joyeuses|bonnes|belles) fetes\b|\bgracias por (?:su|tu) (?:comprension|paciencia)\b|\bfelices fiestas\b|\b(?:disculpe|disculpen|perdon)\w{0,3} las molestias\b/,
    /\b(?:ci scusiamo|grazie) per (?:il disagio|la (?:comprensione|pazienza))\b|\bbuone (?:feste|vacanze)\b|\bobrigad[oa] pela (?:compreensao|paciencia)\b|\bboas festas\b|\b(?:onze excuses|excuses) voor het ongemak\b|\b(?:dank|bedankt) voor (?:uw|je) (?:begrip|geduld)\b|\bfijne (?:feestdagen|dagen)\b/,
  ],
};
