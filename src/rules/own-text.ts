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
  const clean = raw
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
    if (/^(?:--|—|–|_{5,}|-{5,})$/.test(line) && at > firstWord) return at;
    if (deviceMark.test(line)) return at;
    if (closingFormula.test(line)) {
      const below = kept.slice(at + 1).filter((number) => folded[number] !== '').length;
      // A name, a post, a firm, addresses, a notice: more lines than that below the formula are text again.
      if (below <= 14) return at;
    }
  }
  return kept.length;
}
