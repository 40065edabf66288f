// Whether somebody's own words are nothing but thanks: every word must belong to thanking, and nothing may be asked.
import { foldText } from './own-text.ts';

const thanking = new Set(
  'thanks thank thx tks ty thankyou tnx cheers appreciated appreciate danke dank dankeschon dankesehr vergelts merci mercii gracias agradecido agradecida agradezco agradecemos grazie ringrazio ringraziamo obrigado obrigada obrigadas obrigados obg agradeco dankjewel dankuwel bedankt thnx'.split(
    ' ',
  ),
);
const greeting = new Set(
  'hi hello hey dear hallo hoi liebe lieber guten tag morgen moin servus sehr geehrte geehrter frau herr bonjour bonsoir salut cher chere chers madame monsieur hola estimado estimada estimados buenos buenas dias tardes ciao buongiorno buonasera salve gentile caro cara ola bom boa dia tarde prezado prezada caro beste goedemorgen goedemiddag goedendag goedenavond geachte mevrouw meneer dag good morning afternoon evening all team there folks everyone zusammen'.split(
    ' ',
  ),
);
// Words that may stand around the thanks: for what, how much, and how nice it was. No question word, no negation, no "but", no "still",
// no "in advance" (which thanks for something yet to be done), and neither yes nor no, which answer something.
const around = new Set(
  [
    'a all and am are again always as at back be been best big bit bunch d day days for from great greatly good got have having help helped helpful helping i is it its job kind kindly kindness lot lots lovely m many me message mail email ever million more most much my nice note of ok okay once our out perfect quick quickly rapid reply replying response responding really s service so speedy fast fixing sorting solving resolving superb support sure swift that the this time to today too tons u update updating us very we week weekend well wonderful work you your yours answer answering assistance awesome amazing brilliant clarification clarifying confirmation confirming everything excellent explaining explanation effort efforts fantastic feedback info information patience prompt super rest evening afternoon night enjoy care take letting know attention works worked working now solved fixed resolved received noted got understood did trick',
    'schon vielen vielmals vielmal herzlichen herzlich tausend besten lieben schonen fur fuer die das den der dem deine deinen ihre ihren ihr eure euch dir ihnen hilfe schnelle schnellen rasche raschen prompte antwort ruckmeldung info infos nachricht unterstutzung bearbeitung tolle tollen super prima perfekt klasse alles gute noch tag wunsche wunschen ich wir sehr und auch fein gut freundliche nette muhe klarung erledigung auskunft mal ganz lieb toll top spitze wochenende abend nochmals nochmal erneut hat geholfen geklappt funktioniert jetzt ein eine einen einem schones erhalten verstanden notiert angekommen',
    'beaucoup bien infiniment mille fois pour votre ton ta vos tes le la les l de des du d aide reponse rapide rapidite retour message tout toute cela parfait super genial excellent excellente bonne bon journee soiree week-end weekend a vous toi tous toutes et encore c est tres gentil aimable precieuse explication explications efficacite reactivite votre grand remercie remercions je nous fin marche fonctionne maintenant recu note',
    'muchas muchisimas mil por su tu ayuda respuesta rapida rapido atencion todo el los las un una saludo muy amable perfecto genial excelente buen buena dia fin semana y de nuevo vuestra pronta gestion informacion apoyo te le os lo agradezco feliz funciona ahora recibido',
    'mille tante molte infinite per il vostro vostra sua tua suo tuo aiuto risposta disponibilita rapidita veloce celere tutto perfetto ottimo gentilissimo gentilissima gentilissimi gentile gentilezza giornata buona buon weekend lavoro di e ancora molto cortese della dell la le assistenza supporto informazioni ti vi funziona ora adesso ricevuto',
    'muito muita imenso pelo pela seu sua teu vossa vosso ajuda resposta apoio atencao rapidez rapida tudo otimo perfeito excelente bom boa dia fim semana e o a os as mesmo desde pela suporte esclarecimento informacao lhe funciona agora recebido',
    'wel je u jij jullie heel erg veel hartelijk voor de het uw jouw hulp snelle snel reactie antwoord bericht ondersteuning alles fijn fijne mooi mooie prettig prettige dag weekend avond goed top perfect geweldig super nogmaals dank uitleg moeite en ook een service werkt nu ontvangen weer',
  ].flatMap((words) => words.split(' ')),
);
// With these the thanks answer a question: "No thanks", "Ja, danke".
const answering = new Set('yes no not yep nope nah ja nein nee oui non si sim nao'.split(' '));
const maxWords = 40;

/** True when the own words are only thanks; greeting, names, emoji and sign-off do not count. `from` helps to know the writer's name. */
export function isOnlyThanks(own: string, from: string | null): boolean {
  if (own.length > 600 || /[?¿？]/.test(own)) return false;
  const writer = new Set(foldText((from ?? '').slice(0, 300)).match(/\p{L}+/gu) ?? []);
  const lines = own.split('\n').filter((line) => /\p{L}|\p{N}/u.test(line));
  let thanked = false;
  let count = 0;
  for (const [at, line] of lines.entries()) {
    if (/\p{N}/u.test(line.replace(/1000|:\d|<3/g, ''))) return false;
    if (thanked && isName(line, writer, lines.length - at)) continue;
    for (const sentence of line.split(/[.!;…]+/)) {
      const words = foldText(sentence).match(/\p{L}+(?:-\p{L}+)?/gu) ?? [];
      const spelled = sentence.match(/[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)?/gu) ?? [];
      count += words.length;
      for (const [index, word] of words.entries()) {
        if (answering.has(word)) return false;
        if (thanking.has(word)) thanked = true;
        else if (!around.has(word) && !greeting.has(word)) {
          if (!isAddressed({ text: sentence, words, spelled }, index, writer)) return false;
        }
      }
    }
  }
  return thanked && count <= maxWords;
}

/** A sign-off: at most three capitalised words near the end; three only when one of them is known from the sender. */
function isName(line: string, writer: Set<string>, linesLeft: number): boolean {
  const words = line.match(/[\p{L}\p{M}'.-]+/gu) ?? [];
  if (linesLeft > 2 || words.length === 0 || words.length > 3 || /[!:;,]\s*\S/.test(line)) return false;
  const known = words.some((word) => writer.has(foldText(word)));
  return known || (words.length <= 2 && words.every((word) => /^\p{Lu}/u.test(word) && !greeting.has(foldText(word))));
}

type Sentence = { text: string; words: string[]; spelled: string[] };

/** A name right after a greeting or a thanks ("Hi Anna", "Thanks Anna"), or at the end ("Thanks a lot, Sam!"); capitalised or the writer's own. */
function isAddressed({ text, words, spelled }: Sentence, index: number, writer: Set<string>): boolean {
  if (writer.has(words[index] ?? '')) return true;
  if (!/^\p{Lu}/u.test(spelled[index] ?? '')) return false;
  const before = words[index - 1];
  // "Sam, thanks!"
  if (before === undefined) return words.length <= 3 && /^\s*[\p{L}\p{M}-]{1,40},/u.test(text);
  if (index === words.length - 1 && /,\s*[\p{L}\p{M}-]{1,40}[\s.!]*$/u.test(text)) return true;
  if (thanking.has(before) || greeting.has(before) || ['you', 'much', 'vous', 'schon', 'wel'].includes(before))
    return true;
  // A second name: "Dear Anna Berg", "Danke Frau Berg".
  const beforeThat = words[index - 2];
  return beforeThat !== undefined && greeting.has(beforeThat) && /^\p{Lu}/u.test(spelled[index - 1] ?? '');
}
