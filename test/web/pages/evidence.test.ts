// The evidence behind a record, in sentences of the reader’s language.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { NewRecord } from '../../../src/db/new-records.ts';
import { recordOf, type SignedInApp, startSignedInApp } from './signed-in-app.ts';

let app: SignedInApp;
before(async () => {
  app = await startSignedInApp();
});
after(() => app.close());

test('evidence reads as sentences of the reader’s language; what has no words there is shown as it is', async () => {
  const cookie = await app.signIn('4715');
  const evidence: NewRecord['evidence'] = [
    { check: 'stage-history', passed: false, seen: 'CRM_UI at 2026-11-22T10:00:00.000Z' },
    { check: 'agent-sender', passed: true, seen: 'A-12, visitor by HUBSPOT' },
    { check: 'closed-window', passed: true, seen: '3 days after closing' },
    { check: 'automatic', passed: false, seen: 'subject-automatic+absence' },
    { check: 'thread-ticket', passed: true, seen: '901' },
    { check: 'stage-exists', passed: true, seen: '3' },
    { check: 'channel', passed: true, seen: '1002' },
    { check: 'own-thread', passed: false, seen: 'none known' },
    { check: 'stage-history', passed: true, seen: 'entered 2026-11-22T10:00:00.000Z' },
    { check: 'stage-history', passed: true, seen: 'entered never' },
  ];
  await app.addRecords([recordOf({ subject: 'm:1:1', evidence })], '4715');
  const read = async (language: string) => {
    const { html } = await app.request('/activity', { cookie, language });
    const list = /<ul class="evidence">[\s\S]*?<\/ul>/.exec(html)?.[0] ?? '';
    return list.replaceAll(/\s*<\/?(?:ul|li|span)[^>]*>\s*/g, ' ').replaceAll(/[\s\u00a0]+/g, ' ');
  };
  const english = await read('en');
  for (const text of [
    'Somebody else changed the status since. Seen: a person, 22 Nov 2026, 11:00:00',
    'A person of your team sent it. Seen: a person of your team (12), a visitor, written in HubSpot',
    'The ticket may still be reopened. Seen: 3 days after it was closed',
    'A machine wrote it. Seen: signs: subject-automatic, absence',
    'A ticket belongs to it. Seen: <code lang="en">901</code>',
    'The chosen status exists in HubSpot. Seen: Waiting on us',
    'Seen: email (1002)',
    'It is not on the ticket’s own thread. Seen: none known',
    'Seen: the ticket received this status: 22 Nov 2026, 11:00:00',
    'Seen: <code lang="en">entered never</code>',
  ]) {
    assert.ok(english.includes(text), `${text} in ${english}`);
  }
  const french = await read('fr');
  for (const text of [
    'Quelqu’un d’autre a changé le statut depuis. Vu : une personne (22 nov. 2026',
    'Vu : une personne de votre équipe (12), un visiteur (écrit dans HubSpot)',
    'Vu : 3 jours après la fermeture',
    'Il n’est pas sur le fil du ticket. Vu : aucun connu',
  ]) {
    assert.ok(french.includes(text), `${text} in ${french}`);
  }
});
