// GET and POST /settings: shows the portal's rules, saves one pipeline's and the general ones as a new version.
import type { Request, Response } from 'express';
import type { Pipeline } from '../../crm.ts';
import { BatonError } from '../../errors.ts';
import { signedIn } from '../session.ts';
import { wordsFor } from './language.ts';
import type { PageParts } from './page-parts.ts';
import { type PortalPipelines, readPipelines } from './portal-pipelines.ts';
import { applyFields, fillFields, readFields, readOne } from './settings-form.ts';
import { type SettingsState, viewSettings } from './settings-view.ts';
import { renderPage } from './view.ts';

const versionsShown = 10;
// Opening the settings re-reads the pipelines, as no webhook tells of a new stage (DATA.md 1.4); 5 s spare HubSpot a reloading admin.
const openedMaxAgeMs = 5_000;

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

/** The pipeline asked for, else one with rules, else the first. */
function choosePipeline(known: PortalPipelines, asked: unknown): { pipeline: Pipeline | undefined; missed: boolean } {
  const found = known.pipelines.find(({ id }) => id === asked);
  return { pipeline: found ?? known.pipelines[0], missed: known.readable && asked !== undefined && !found };
}

export async function showSettings(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal } = signedIn(res);
  const [known, current, versions] = await Promise.all([
    readPipelines(parts.pipelines, parts.log, portal.id, openedMaxAgeMs),
    parts.db.settings.getSettings(portal.id),
    parts.db.settings.listVersions(portal.id, versionsShown),
  ]);
  const { pipeline, missed } = choosePipeline(known, req.query.pipeline);
  const saved = Number(req.query.saved);
  render(req, res, 200, {
    portal,
    words: wordsFor(req),
    known,
    pipeline,
    settings: current.settings,
    basedOn: current.version,
    fields: fillFields(current.settings, pipeline),
    versions,
    faults: [],
    notice: {
      savedVersion: versions.some(({ version }) => version === saved) ? saved : undefined,
      unknownPipeline: missed,
    },
  });
}

/** Throws BatonError `bad-request` for a form that is not this page's. */
export async function saveSettings(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal, userId } = signedIn(res);
  const body: Record<string, unknown> = req.body ?? {};
  const basedOnText = readOne(body, 'basedOn');
  if (!/^\d{1,9}$/.test(basedOnText)) throw new BatonError('bad-request');
  const basedOn = Number(basedOnText);
  const [known, current, versions] = await Promise.all([
    readPipelines(parts.pipelines, parts.log, portal.id, openedMaxAgeMs),
    parts.db.settings.getSettings(portal.id),
    parts.db.settings.listVersions(portal.id, versionsShown),
  ]);
  const pipelineId = readOne(body, 'pipeline');
  const pipeline = known.pipelines.find(({ id }) => id === pipelineId);
  const fields = readFields(body, { withRules: pipeline !== undefined });
  const state: SettingsState = {
    portal,
    words: wordsFor(req),
    known,
    pipeline,
    settings: current.settings,
    basedOn,
    fields,
    versions,
    faults: [],
    notice: {},
  };
  if (pipelineId !== '' && !pipeline) {
    return render(req, res, 422, { ...state, faults: [{ field: 'other', fault: 'pipelineGone' }] });
  }
  if (basedOn !== current.version) return render(req, res, 409, { ...state, notice: { conflict: true } });
  const applied = applyFields(current.settings, pipeline, known.pipelines, fields);
  if ('faults' in applied) return render(req, res, 422, { ...state, faults: applied.faults });
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
