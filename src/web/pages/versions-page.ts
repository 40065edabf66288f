// GET /settings/versions and POST /settings/restore: every version with what changed in it, and the way back to it.
import type { Request, Response } from 'express';
import type { SettingsVersion } from '../../db/db.ts';
import { defaultSettings, parseSettings, type Settings } from '../../rules/settings.ts';
import { signedIn } from '../session.ts';
import { readSettingsContext } from '../settings-context.ts';
import type { Words } from '../words/en.ts';
import { tellChanges } from './change-sentences.ts';
import { wordsFor } from './language.ts';
import { knownTimeZone, momentWriter } from './moments.ts';
import type { PageParts } from './page-parts.ts';
import { readPipelines } from './portal-pipelines.ts';
import { nameReferences, readReferences } from './portal-references.ts';
import { type Body, readOne } from './settings-fields.ts';
import { openedMaxAgeMs, readBasedOn } from './settings-page.ts';
import { listTroubles } from './settings-troubles.ts';
import { renderPage } from './view.ts';

const pageSize = 20;
/** A version in which more changed is told by its first lines. */
const linesShown = 30;

async function readPortal(parts: PageParts, req: Request, res: Response) {
  const { portal } = signedIn(res);
  const words = wordsFor(req);
  const [known, references] = await Promise.all([
    readPipelines(parts.pipelines, parts.log, portal.id, openedMaxAgeMs),
    readReferences(parts, portal.id, ['owners', 'channelAccounts', 'ticketProperties']),
  ]);
  const stages = new Map(known.pipelines.flatMap(({ stages }) => stages.map(({ id, label }) => [id, label])));
  const pipelines = new Map(known.pipelines.map(({ id, label }) => [id, label]));
  const names = {
    words,
    references: nameReferences(references, words),
    nameStage: (id: string) => stages.get(id) ?? words.record.unknownStage(id),
    namePipeline: (id: string) => pipelines.get(id) ?? `${words.panel.place(id)}`,
  };
  return { portal, words, known, references, names };
}
type PortalRead = Awaited<ReturnType<typeof readPortal>>;

function viewVersions(versions: SettingsVersion[], inForce: number, { portal, words, names }: PortalRead) {
  const write = momentWriter(words.dateLocale, knownTimeZone(portal.timeZone));
  return versions.slice(0, pageSize).map(({ version, settings, author, at }, index) => {
    const before = versions[index + 1]?.settings ?? defaultSettings;
    const lines = tellChanges(before, settings, names);
    return {
      version,
      author: names.references.user(author),
      at: write(at),
      inForce: version === inForce,
      changes: lines.slice(0, linesShown),
      more: Math.max(0, lines.length - linesShown),
    };
  });
}

type Refusal = { title: string; lead?: string; reasons: string[] };

async function renderVersions(
  parts: PageParts,
  req: Request,
  res: Response,
  read: PortalRead,
  answer: { status: number; refusal?: Refusal },
): Promise<void> {
  const { portal, words } = read;
  const asked = Number(req.query.before);
  const before = Number.isInteger(asked) && asked > 1 && asked <= 2_147_483_647 ? asked : undefined;
  const [versions, [newest]] = await Promise.all([
    // One more than shown: the last one shown is told against it.
    parts.db.settings.listVersions(portal.id, pageSize + 1, before),
    parts.db.settings.listSaves(portal.id, 1),
  ]);
  const oldest = versions[pageSize - 1];
  renderPage(req, res, {
    view: 'versions',
    title: words.panel.versions.title,
    section: 'settings',
    status: answer.status,
    data: {
      versions: viewVersions(versions, newest?.version ?? 0, read),
      basedOn: newest?.version ?? 0,
      refusal: answer.refusal,
      timeZone: knownTimeZone(portal.timeZone),
      olderHref: versions.length > pageSize && oldest ? `/settings/versions?before=${oldest.version}` : null,
      newestHref: before === undefined ? null : '/settings/versions',
    },
  });
}

export async function showVersions(parts: PageParts, req: Request, res: Response): Promise<void> {
  await renderVersions(parts, req, res, await readPortal(parts, req, res), { status: 200 });
}

/** What else a version can have against it: parseSettings words it in English only. */
function tellIssue(path: string, { settings: { issues, title }, panel: { versions, fields, faults } }: Words): string {
  const { labelled, labels, twoClaims } = versions;
  if (path === 'channels') return labelled(versions.labels.channels, issues.channelNone);
  if (path === 'mailbox.evidence') return labelled(labels.evidence, issues.evidence);
  if (/\.newConversation\.channelAccountIds$/.test(path))
    return labelled(labels['newConversation.channelAccountIds'], twoClaims);
  return /\.url$/.test(path) ? labelled(fields.url, faults.url) : labelled(title, issues.other);
}

/** Why a version cannot be put in force, by name; empty when it can. */
async function findReasons(
  parts: PageParts,
  settings: Settings,
  { portal, known, references, words }: PortalRead,
): Promise<string[]> {
  if (!known.readable) return [words.settings.pipelinesUnreadable];
  const parsed = parseSettings(settings, known.pipelines, await readSettingsContext(parts, portal.id));
  if ('settings' in parsed) return [];
  const told = listTroubles(settings, { ...known, channelAccounts: references.channelAccounts }, words, {
    alsoOff: true,
  });
  return told.length > 0 ? told : [...new Set(parsed.issues.map(({ path }) => tellIssue(path, words)))];
}

/** Puts an older version in force as a new one. Throws BatonError `bad-request` for a form that is not this page's. */
export async function restoreVersion(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal, userId } = signedIn(res);
  const body: Body = req.body ?? {};
  const basedOn = readBasedOn(body);
  const asked = readOne(body, 'version');
  const read = await readPortal(parts, req, res);
  const text = read.words.panel.versions;
  const version = /^\d{1,9}$/.test(asked) ? await parts.db.settings.findVersion(portal.id, Number(asked)) : undefined;
  const refuse = (status: number, refusal: Refusal) => renderVersions(parts, req, res, read, { status, refusal });
  if (!version) return refuse(404, { title: text.unknown, reasons: [] });
  const reasons = await findReasons(parts, version.settings, read);
  if (reasons.length > 0) {
    return refuse(422, { title: text.refusedTitle(String(version.version)), lead: text.refused, reasons });
  }
  const save = { basedOn, settings: version.settings, author: userId };
  const saved = await parts.db.settings.saveSettings(portal.id, save);
  const { conflictTitle, conflict } = read.words.settings;
  if (!saved.saved) return refuse(409, { title: conflictTitle, lead: conflict, reasons: [] });
  const fact = { portalId: portal.id, userId, version: saved.version, restored: version.version };
  parts.log.info(fact, 'settings restored');
  res.redirect(303, `/settings?${new URLSearchParams({ saved: String(saved.version) })}`);
}
