// What the writer of a mail wrote himself: HTML to text, then the quoted mail and the signature cut off.
//
// The cutting is our own: email-reply-parser 2.3.7 (without the native re2) backtracks; 4,000 characters of `0000from<>` took it
// 20 s and `Op schreef\n` grows with the cube of its length (measured 2026-11-22). Here every line is looked at a fixed number of times.
import { convert } from 'html-to-text';

/** Longer texts are cut here before anything looks at them: what a mail is stands in its first pages. */
const maxBodyLength = 20_000;
/** Outlook puts tens of kilobytes of styles before the first word. */
const maxHtmlLength = 150_000;
const maxLineLength = 1_000;

export type OwnText = {
  /** Neither quote nor signature; lines kept. */
  own: string;
  /** What stands below the closing formula or the signature mark. */
  signature: string;
  /** The whole readable text, quote included. */
  whole: string;
  /** Something was quoted below or between. */
  quotes: boolean;
  /** The quote is introduced as a forwarded mail. */
  forwards: boolean;
  /** The text was longer than what was looked at. */
  truncated: boolean;
};

/** Comparable text: lower case, no accents, plain apostrophes, `ss` for sharp s. Word patterns are written in this form. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[\u2018\u2019\u02bc\u0060\u00b4]/g, "'")
    .replace(/ß/g, 'ss')
    .toLowerCase();
}

// What Windows-1252 has where Latin-1 has control characters: mis-decoded UTF-8 comes with these.
const windowsLetters =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** "RÃ©ponse" back to "Réponse": UTF-8 that was read as Windows-1252. A text that cannot be such is returned as it is. */
export function repairLetters(text: string): string {
  if (!/[ÂÃ][\u0080-\u00bf\u0152-\u2122]/.test(text)) return text;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const byte = code < 256 ? code : windowsLetters.indexOf(text[at] ?? '') + 128;
    if (byte === 127 && code !== 127) return text;
    bytes[at] = byte;
  }
  return decodeBytes('utf-8', bytes) ?? text;
}

/** Encoded words of RFC 2047 ("=?utf-8?Q?R=C3=A9ponse?="); one in an unknown character set stays as it is. */
export function decodeHeader(header: string): string {
  return header.replace(
    /=\?([\w-]{2,20})\?([bq])\?([^?\s]{0,400})\?=(?:\s{1,10}(?==\?))?/gi,
    (word, charset, form, coded) => {
      const bytes =
        form.toLowerCase() === 'b'
          ? Buffer.from(coded, 'base64')
          : Buffer.from(
              coded
                .replaceAll('_', ' ')
                .replace(/=([\da-f]{2})/gi, (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
              'latin1',
            );
      return decodeBytes(charset, bytes) ?? word;
    },
  );
}

function decodeBytes(charset: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    // Not of that character set, or a set nobody knows: the caller keeps what it has.
    return undefined;
  }
}

/** Text of an HTML mail: block quotes as `>` lines, links by their words, no pictures. Never throws; hostile nesting is cut at depth 60. */
export function htmlToText(html: string): string {
  return convert(html.slice(0, maxHtmlLength), {
    wordwrap: false,
    limits: { maxDepth: 60, maxChildNodes: 2_000, ellipsis: '' },
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
      { selector: 'title', format: 'skip' },
      { selector: 'hr', options: { length: 32 } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  });
}

const forwardMark =
  /^[-_*=> ]{0,40}(?:begin forwarded message|forwarded message|forwarded by|weitergeleitete nachricht|anfang der weitergeleiteten|message transfere|debut du message (?:transfere|reexpedie)|mensaje reenviado|inicio del mensaje reenviado|messaggio inoltrato|inizio messaggio inoltrato|mensagem encaminhada|mensagem reencaminhada|inicio da mensagem|doorgestuurd bericht|begin doorgestuurd bericht)\b/;
const originalMark =
  /^[-_*=> ]{0,40}(?:original message|original appointment|original e?-?mail|ursprungliche nachricht|urspr\. nachricht|originalnachricht|message (?:d'origine|original|initial)|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|origineel bericht)[-_*=: ]{0,40}$/;
const wroteVerb =
  /\b(?:wrote|writes|schrieb|geschrieben|a ecrit|ecrit|escribio|ha scritto|scritto|scrive|escreveu|schreef|skrev|napisal|kirjoitti)\b/;
const headerStart = /^[*> ]{0,4}(?:from|von|de|da|van|expediteur|remitente|mittente|afzender)\*? ?:/;
const headerLine =
  /^[*> ]{0,4}(?:from|von|de|da|van|sent|gesendet|envoye|enviado|enviada|inviato|verzonden|date|datum|data|fecha|to|an|a|para|aan|cc|subject|betreff|objet|asunto|oggetto|assunto|onderwerp)\*? ?:/;
const deviceMark =
  /^[<([]?(?:sent from (?:my|mail|outlook|yahoo|samsung|proton|the)|get outlook for|sent (?:with|via) |von meinem .{1,40} gesendet|gesendet (?:von|mit|aus) |envoye (?:de|depuis|a partir) |telecharger outlook|obtenez outlook|enviado desde |enviado (?:do|a partir) |obtener outlook|inviato da |scarica outlook|ottieni outlook|verzonden (?:vanaf|vanuit|met) |verstuurd vanaf |download outlook)/;
const closingFormula =
  /^(?:(?:with )?(?:(?:kind|kindest|best|warm|warmest|many) )?regards|best(?: wishes)?|all the best|cheers|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|respectfully|take care|(?:mit )?(?:freundlich\w*|best\w*|lieb\w*|herzlich\w*|viel\w*|schon\w*) (?:gr(?:u|ue)(?:ss|ß)e?n?)(?: aus .{1,30})?|gruss|grusse|gruesse|mfg|lg|vg|bg|(?:bien )?cordialement(?: votre)?|(?:bien|tres) a vous|sinceres salutations|meilleures salutations|salutations(?: distinguees)?|bien amicalement|amicalement|bonne (?:journee|soiree)|(?:un )?(?:cordial )?saludos?(?: cordiales)?|(?:muchos |un )?abrazos?|atentamente|atte|cordialmente|(?:cordiali|distinti|cari) saluti|saluti|un saluto|cordialita|atenciosamente|cumprimentos|(?:com os |os )?(?:melhores|meus) cumprimentos|abracos?|att|(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|hartelijke groet(?:en)?|groet(?:en|jes)?|mvg)[ ,.!]{0,3}$/;

/** Own words, signature and quote of a mail. `text` is preferred, `html` is read when there is no text. Never throws; linear in its input. */
export function readOwnText(input: { text: string | null; html: string | null }): OwnText {
  const raw = input.text?.trim() ? input.text.slice(0, maxBodyLength * 2) : htmlToText(input.html ?? '');
  const clean = repairLetters(raw)
    .replace(/\r\n?/g, '\n')
    .replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, '')
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
    .slice(0, maxBodyLength);
  const lines = clean.split('\n').map((line) => line.slice(0, maxLineLength).trimEnd());
  const folded = lines.map((line) => foldText(line.slice(0, 300)).trim());
  const cut = cutQuote(lines, folded);
  const signatureAt = findSignature(cut.kept, folded);
  return {
    own: textOf(cut.kept.slice(0, signatureAt), lines),
    signature: textOf(cut.kept.slice(signatureAt), lines),
    whole: clean.trim(),
    quotes: cut.quotes,
    forwards: cut.forwards,
    truncated: raw.length > maxBodyLength || (!input.text?.trim() && (input.html?.length ?? 0) > maxHtmlLength),
  };
}

function textOf(numbers: number[], lines: string[]): string {
  return numbers
    .map((number) => lines[number])
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Numbers of the lines that belong to no quote. */
function cutQuote(lines: string[], folded: string[]): { kept: number[]; quotes: boolean; forwards: boolean } {
  const kept: number[] = [];
  let quotes = false;
  for (let number = 0; number < lines.length; number++) {
    const line = folded[number] ?? '';
    if (line.startsWith('>')) {
      quotes = true;
      continue;
    }
    if (forwardMark.test(line)) return { kept, quotes: true, forwards: true };
    if (originalMark.test(line) || isHeaderBlock(folded, number)) return { kept, quotes: true, forwards: false };
    const introductionLength = quoteIntroductionLength(folded, number);
    if (introductionLength > 0) {
      const next = folded.slice(number + introductionLength, number + introductionLength + 4).find((l) => l !== '');
      // With `>` marks the quote ends where they end, and an answer may stand below or between; without them it runs to the end.
      if (!next?.startsWith('>')) return { kept, quotes: true, forwards: false };
      quotes = true;
      number += introductionLength - 1;
      continue;
    }
    kept.push(number);
  }
  return { kept, quotes, forwards: false };
}

/** Outlook's `From: / Sent: / To: / Subject:` in any of the languages: a From line with two more header lines in the next five. */
function isHeaderBlock(folded: string[], number: number): boolean {
  if (!headerStart.test(folded[number] ?? '')) return false;
  return folded.slice(number + 1, number + 6).filter((line) => headerLine.test(line)).length >= 2;
}

/** How many lines (1 to 3, mail programs wrap it) an introduction like "On 3 May 2026 at 10:11, Casey wrote:" takes; 0 = none here. */
function quoteIntroductionLength(folded: string[], number: number): number {
  let joined = '';
  for (let count = 1; count <= 3; count++) {
    const line = folded[number + count - 1];
    if (!line) return 0;
    joined = joined ? `${joined} ${line}` : line;
    if (joined.length > 300) return 0;
    if (!line.endsWith(':')) continue;
    const stamped = /\d/.test(joined) || joined.includes('@');
    return stamped && wroteVerb.test(joined) && !/[.!?] /.test(joined.replace(/\b[a-z\d]{1,5}\. /g, '')) ? count : 0;
  }
  return 0;
}

/** Index in `kept` of the first line of the signature; `kept.length` when there is none. */
function findSignature(kept: number[], folded: string[]): number {
  const firstWord = kept.findIndex((number) => folded[number] !== '');
  for (let at = Math.max(firstWord, 0); at < kept.length; at++) {
    const line = folded[kept[at] ?? 0] ?? '';
    if (/^(?:--|—|–)$/.test(line) && at > firstWord) return at;
    if (deviceMark.test(line)) return at;
    const ruled = /^(?:_{5,}|-{5,})$/.test(line) && at > firstWord && !isBelowQuote(folded, kept[at] ?? 0);
    if ((ruled || closingFormula.test(line)) && endsThere(kept, folded, at)) return at;
  }
  return kept.length;
}

/** A rule right below a quote closes the quote. */
function isBelowQuote(folded: string[], number: number): boolean {
  return (
    folded[number - 1]?.startsWith('>') === true ||
    (folded[number - 1] === '' && folded[number - 2]?.startsWith('>') === true)
  );
}

/** A name, a post, a firm, addresses, a notice; more than 14 lines, or words below a quote, are text again. */
function endsThere(kept: number[], folded: string[], at: number): boolean {
  let above = kept[at] ?? 0;
  let below = 0;
  for (let next = at + 1; next < kept.length; next++) {
    const number = kept[next] ?? 0;
    if (folded[number] === '') continue;
    if (++below > 14) return false;
    if (folded.slice(above + 1, number).some((line) => line !== '')) return false;
    above = number;
  }
  return true;
}

// A dot after these, or after a digit ("bis 14.08."), ends no sentence.
const shortForm =
  /(?:\b(?:tel|ext|mr|mrs|ms|dr|hr|fr|frl|st|nr|no|bzw|ca|bspw|inkl|incl|approx|dra?|sra?|sig|mme|mlle|dhr|mw|mevr|[a-z])|\d)$/;
const opening =
  /^(?:hi|hey|hello|dear|hallo|hoi|guten (?:tag|morgen|abend)|moin|liebe[r]?|sehr geehrte[r]?|bonjour|bonsoir|salut|chere?s?|madame|hola|buen[oa]s|estimad[oa]s?|ciao|buongiorno|buonasera|salve|gentil[ei]|car[oaie]|ola|bo[am] (?:dia|tarde)|prezad[oa]s?|beste|geachte|goede(?:morgen|middag|n?dag)|good (?:morning|afternoon|day|evening))\b/;

const teamName =
  /^(?:ihr|euer|das|your|the|votre|l'|el|tu|su|il|o seu|a sua|het|jouw|uw)\b.{0,30}\b(?:team|equipe|equipo|equipa|crew)\b/;

/** Sentences of folded text; wrapped lines are put together. Greeting, sign-off, names and bare addresses are left out. */
export function splitSentences(folded: string): string[] {
  const lines = folded.split('\n').map((line) => line.trim());
  const blocks: string[] = [];
  for (const [at, line] of lines.entries()) {
    const before = lines[at - 1] ?? '';
    // Mail programs wrap at 65 to 78 characters; a shorter line was ended by its writer.
    if (line && before.length >= 50 && blocks.length > 0) blocks[blocks.length - 1] += ` ${line}`;
    else if (line) blocks.push(line);
  }
  return blocks.flatMap(splitBlock).filter((sentence) => {
    const words = sentence.replace(/\S{1,100}[@/]\S{1,200}/g, ' ').match(/\p{L}{2,40}/gu) ?? [];
    return (
      words.length >= 3 &&
      !closingFormula.test(sentence) &&
      !(words.length <= 6 && (opening.test(sentence) || teamName.test(sentence)))
    );
  });
}

function splitBlock(block: string): string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const end of block.matchAll(/[.!?;。！？]{1,5}(?=\s|$)/g)) {
    if (block[end.index] === '.' && shortForm.test(block.slice(Math.max(start, end.index - 8), end.index))) continue;
    sentences.push(block.slice(start, end.index + end[0].length).trim());
    start = end.index + end[0].length;
  }
  return [...sentences, block.slice(start).trim()].filter((sentence) => sentence !== '');
}
