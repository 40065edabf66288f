// Lists in pages of 50 rows: which page was asked for, and the links to the pages beside it.
import type { Window } from '../page-index.ts';
import { type Html, html } from './markup.ts';

export const rowsAPage = 50;

/** From 1 on; what is no page counts as the first. */
export function readPage(asked: unknown): number {
  return typeof asked === 'string' && /^[1-9]\d{0,6}$/.test(asked) ? Number(asked) : 1;
}

export function windowOf(page: number): Window {
  return { skip: (page - 1) * rowsAPage, take: rowsAPage };
}

type Paged = {
  /** What is paged, e.g. `Conversations`. */
  label: string;
  page: number;
  /** All rows there are; with `isMore`, at least so many. */
  count: number;
  isMore?: boolean;
  hrefOf: (page: number) => string;
};

/** Nothing where one page holds all. */
export function pager({ label, page, count, isMore = false, hrefOf }: Paged): Html | false {
  const last = Math.max(1, Math.ceil(count / rowsAPage));
  if (last === 1 && page === 1) return false;
  const { skip } = windowOf(page);
  const rows = skip < count ? `${skip + 1} to ${Math.min(count, skip + rowsAPage)}` : 'none';
  const shown = isMore ? rows : `${rows} of ${count}`;
  const newer = page > 1 && html`<a href="${hrefOf(Math.min(page - 1, last))}">Newer</a> `;
  const older = page < last && html` <a href="${hrefOf(page + 1)}">Older</a>`;
  return html`<nav class="pager" aria-label="Pages: ${label}">${newer}<span>${shown}</span>${older}</nav>`;
}
