// The page /coverage: what the emulator plays, with HubSpot's page for it, what it does not, and what nobody knows.
import { Router } from 'express';
import { chosenWithoutSource, notEmulated, otherUncertainties, routeCoverage } from './coverage.ts';
import { escapeHtml } from './messages.ts';
import { page } from './page.ts';
import { quirkAnswers } from './quirk-answers.ts';

function row(cells: string[]): string {
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

/** `GET /coverage` */
export function createCoveragePage(): Router {
  const router = Router();
  router.get('/coverage', (_request, response) => {
    const routes = routeCoverage.map(({ method, path, source, status, missing = '', quirks = [] }) =>
      row([
        method,
        path,
        source,
        status,
        [missing, ...quirks.map((name) => `quirk ${name}`)].filter(Boolean).join('; '),
      ]),
    );
    const items = (list: string[]) => list.map((one) => `<li>${escapeHtml(one)}</li>`).join('');
    const questions = Object.entries(quirkAnswers).map(([name, { question, source, answers }]) =>
      row([name, question, source, answers.join(', ')]),
    );
    const rest = otherUncertainties.map((one) => row([one.fact, one.source, one.switch]));
    const body = `<h1>What is emulated</h1>
<table><thead><tr><th>Method</th><th>Path</th><th>Source</th><th>Status</th><th>But</th></tr></thead>
<tbody>${routes.join('')}</tbody></table>
<h2>What is not</h2><ul>${items(notEmulated)}</ul>
<h2>What was chosen without a source</h2><ul>${items(chosenWithoutSource)}</ul>
<h2>What is uncertain: both answers behind a switch</h2>
<table><thead><tr><th>Quirk</th><th>Question</th><th>Source</th><th>Answers</th></tr></thead><tbody>${questions.join('')}</tbody></table>
<h2>What is uncertain and held otherwise</h2>
<table><thead><tr><th>Fact</th><th>Source</th><th>Switch</th></tr></thead><tbody>${rest.join('')}</tbody></table>`;
    response.send(page('Coverage', body));
  });
  return router;
}
