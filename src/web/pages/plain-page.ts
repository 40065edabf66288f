// A page with one message: failures, dead ends and farewells.
import type { Response } from 'express';
import type { ErrorCode } from '../../errors.ts';
import { wordsFor } from './language.ts';
import { renderPage } from './view.ts';

export type PlainPage = {
  status: number;
  title: string;
  message: string;
  action?: { href: string; label: string };
};

/** Answers with a title, a message and at most one way on. The strings are shown as they are, escaped. */
export function renderPlainPage(res: Response, page: PlainPage): void {
  renderPage(res.req, res, {
    view: 'plain',
    title: page.title,
    status: page.status,
    data: { paragraphs: [page.message], action: page.action },
  });
}

/** The page of an error of the table, in the reader's language; says nothing of what happened inside. */
export function renderErrorPage(res: Response, error: { code: ErrorCode; status: number }): void {
  const words = wordsFor(res.req);
  const { title, home } = words.failure;
  const prove = { href: '/oauth/install', label: words.layout.readOnly.prove };
  renderPlainPage(res, {
    status: error.status,
    title,
    message: words.errors[error.code],
    action: error.code === 'may-not-change' ? prove : { href: '/', label: home },
  });
}
