// The two languages of the pages.
import { en, type Words } from './en.ts';
import { fr } from './fr.ts';

export const languages = ['en', 'fr'] as const;
export type Language = (typeof languages)[number];

export const words: Record<Language, Words> = { en, fr };
