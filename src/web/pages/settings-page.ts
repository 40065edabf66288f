// GET and POST /settings: shows the portal's rules, saves one pipeline's and the general ones as a new version.
import type { Request, Response } from 'express';
import type { Pipeline } from '../../crm.ts';
import { BatonError } from '../../errors.ts';
import { signedIn } from '../session.ts';
import { readSettingsContext } from '../settings-context.ts';
import { wordsFor } from './language.ts';
import { readMailboxProof } from './mailbox-finding.ts';
import type { PageParts } from './page-parts.ts';
import { type PortalPipelines, readPipelines } from './portal-pipelines.ts';
import { readReferences } from './portal-references.ts';
import { type Body, fillFields, readFields, readOne } from './settings-fields.ts';
import { applyFields } from './settings-form.ts';
import { type SettingsState, viewSettings } from './settings-view.ts';
import { renderPage } from './view.ts';

const savesShown = 5;
// Opening the settings re-reads the pipelines, as no webhook tells of a new stage (DATA.md 1.4); 5 s spare HubSpot a reloading admin.
export const openedMaxAgeMs = 5_000;
/** How long a sign of another automation is worth a warning. */
const rivalsMaxAgeMs = 7 * 86_400_000;
/** A sweep that HubSpot refuses is tried each hour (worker/sweep-refusals.ts): one not refused for two is none any more. */
const refusalMaxAgeMs = 2 * 3_600_000;

function render(req: Request, res: Response, status: number, state: SettingsState): void {
  const { words } = state;
  renderPage(req, res, {
    view: 'settings',
    title: words.settings.title,
    section: 'settings',
    status,
    data: viewSettings(state),
  });
}

/** The pipeline asked for, else the first. */
function choosePipeline(known: PortalPipelines, asked: unknown): { pipeline: Pipeline | undefined; missed: boolean } {
  const found = known.pipelines.find(({ id }) => id === asked);
  return { pipeline: found ?? known.pipelines[0], missed: known.readable && asked !== undefined && !found };
}

/** Everything the page shows beside what is in the form. */
async function readState(parts: PageParts, req: Request, res: Response) {
  const { portal } = signedIn(res);
  const now = new Date();
  const since = new Date(now.getTime() - rivalsMaxAgeMs);
  const [known, current, saves, rivals, references, context, mailboxProven, refusals] = await Promise.all([
    readPipelines(parts.pipelines, parts.log, portal.id, openedMaxAgeMs),
    parts.db.settings.getSettings(portal.id),
    parts.db.settings.listSaves(portal.id, savesShown),
    parts.db.rivals.countRivals(portal.id, since),
    readReferences(parts, portal.id, ['owners', 'channelAccounts', 'ticketProperties']),
    readSettingsContext(parts, portal.id),
    readMailboxProof(parts, portal.id, now),
    parts.db.sweeps.findRefusals(portal.id, new Date(now.getTime() - refusalMaxAgeMs)),
  ]);
  const { version, settings } = current;
  const fingerprintFound = context.fingerprintFound ?? false;
  const shown = { known, settings, saves, rivals, references, fingerprintFound, mailboxProven, refusals };
  return { version, context, read: { portal, words: wordsFor(req), ...shown } };
}

export async function showSettings(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { version, read } = await readState(parts, req, res);
  const { pipeline, missed } = choosePipeline(read.known, req.query.pipeline);
  const saved = Number(req.query.saved);
  render(req, res, 200, {
    ...read,
    pipeline,
    basedOn: version,
    fields: fillFields(read.settings, pipeline),
    faults: [],
    notice: {
      savedVersion: read.saves.some((save) => save.version === saved) ? saved : undefined,
      unknownPipeline: missed,
    },
  });
}

/**
 * POST /settings/forget: takes out the rules of a pipeline that HubSpot no longer has. One that is there (again) keeps them. Throws
 * BatonError `bad-request` for a form that is not this page's.
 */
export async function forgetPipeline(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal, userId } = signedIn(res);
  const body: Body = req.body ?? {};
  const basedOn = readBasedOn(body);
  const { version, read } = await readState(parts, req, res);
  const { known, settings } = read;
  const pipelineId = readOne(body, 'pipeline');
  const pipeline = known.pipelines[0];
  const fields = fillFields(settings, pipeline);
  const state: SettingsState = { ...read, pipeline, basedOn: version, fields, faults: [], notice: {} };
  const gone = known.readable && !known.oldSince && !known.pipelines.some(({ id }) => id === pipelineId);
  if (!gone) return render(req, res, 422, { ...state, faults: [{ field: 'other', fault: 'pipelineThere' }] });
  const { [pipelineId]: _taken, ...pipelines } = settings.pipelines;
  const save = { basedOn, settings: { ...settings, pipelines }, author: userId };
  const saved = await parts.db.settings.saveSettings(portal.id, save);
  if (!saved.saved) return render(req, res, 409, { ...state, notice: { conflict: true } });
  parts.log.info({ portalId: portal.id, userId, version: saved.version }, 'settings saved');
  res.redirect(303, `/settings?${new URLSearchParams({ saved: String(saved.version) })}`);
}

/** The version a form is based on. Throws BatonError `bad-request` for a form that is none of ours. */
export function readBasedOn(body: Body): number {
  const text = readOne(body, 'basedOn');
  if (!/^\d{1,9}$/.test(text)) throw new BatonError('bad-request');
  return Number(text);
}

/** Throws BatonError `bad-request` for a form that is not this page's. */
export async function saveSettings(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal, userId } = signedIn(res);
  const body: Body = req.body ?? {};
  const basedOn = readBasedOn(body);
  const { version, context, read } = await readState(parts, req, res);
  const pipelineId = readOne(body, 'pipeline');
  const pipeline = read.known.pipelines.find(({ id }) => id === pipelineId);
  const fields = readFields(body, { withRules: pipeline !== undefined });
  const state: SettingsState = { ...read, pipeline, basedOn, fields, faults: [], notice: {} };
  if (pipelineId !== '' && !pipeline) {
    return render(req, res, 422, { ...state, faults: [{ field: 'other', fault: 'pipelineGone' }] });
  }
  if (basedOn !== version) return render(req, res, 409, { ...state, notice: { conflict: true } });
  const applied = applyFields(read.settings, pipeline, read.known.pipelines, fields, context);
  if ('faults' in applied) {
    return render(req, res, 422, { ...state, faults: applied.faults, notice: { refused: true } });
  }
  const saved = await parts.db.settings.saveSettings(portal.id, {
    basedOn,
    settings: applied.settings,
    author: userId,
  });
  if (!saved.saved) return render(req, res, 409, { ...state, notice: { conflict: true } });
  parts.log.info({ portalId: portal.id, userId, version: saved.version }, 'settings saved');
  const back = new URLSearchParams({ saved: String(saved.version), ...(pipeline && { pipeline: pipeline.id }) });
  res.redirect(303, `/settings?${back}`);
}
