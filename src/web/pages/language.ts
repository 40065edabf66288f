// Which language a person reads: their choice (?lang, kept in a cookie), then the browser's, then English.
import type { Request, Response } from 'express';
import type { Words } from '../words/en.ts';
import { type Language, languages, words } from '../words/words.ts';

const cookieName = 'lang';
const cookieMaxAgeMs = 365 * 24 * 3600 * 1000;

function findLanguage(value: unknown): Language | undefined {
  return languages.find((language) => language === value);
}

function readCookie(header: string | undefined): Language | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value] = part.split('=', 2);
    if (name?.trim() === cookieName) return findLanguage(value?.trim());
  }
  return undefined;
}

/** The language of this answer. Never throws; an unknown ?lang counts as none. */
export function chooseLanguage(req: Request): Language {
  return (
    findLanguage(req.query.lang) ??
    readCookie(req.headers.cookie) ??
    findLanguage(req.acceptsLanguages(...languages)) ??
    'en'
  );
}

/** The words of the language of this answer. */
export function wordsFor(req: Request): Words {
  return words[chooseLanguage(req)];
}

/** Remembers a language asked for by ?lang, so that links need not carry it. */
export function keepLanguage(req: Request, res: Response, options: { secure: boolean }): void {
  const asked = findLanguage(req.query.lang);
  if (!asked) return;
  res.cookie(cookieName, asked, {
    httpOnly: true,
    sameSite: 'lax',
    secure: options.secure,
    maxAge: cookieMaxAgeMs,
    path: '/',
  });
}

/** The address of this page in another language; of a page that answered a form, the page the form is on. */
export function linkInLanguage(req: Request, language: Language): string {
  // Taken as a path, whatever it is: `//` or `//:99999` as a reference is no address, and this runs where errors are answered.
  const here = new URL(`http://here/${req.originalUrl.replace(/^[/\\]+/, '')}`);
  here.searchParams.delete('saved');
  here.searchParams.delete('retried');
  here.searchParams.set('lang', language);
  // The path is repeated as `/path`, never `//host`, so that the link cannot leave this site.
  return `/${here.pathname.replace(/^\/+/, '')}${here.search}`;
}
