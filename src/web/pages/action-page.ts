// /settings/actions and /settings/preview: the panel in which a stage's actions are added, changed, tried, ordered and taken out.
import type { Request, Response } from 'express';
import type { Pipeline } from '../../crm.ts';
import type { Settings } from '../../rules/settings.ts';
import type { StageAction } from '../../rules/stage-actions.ts';
import { signedIn } from '../session.ts';
import { readSettingsContext } from '../settings-context.ts';
import {
  checkStageActions,
  listStageActions,
  makeActionId,
  moveAction,
  putAction,
  withStageActions,
} from './action-edits.ts';
import { type ActionFault, findPropertyFaults, findTicketFault, toFaults } from './action-faults.ts';
import {
  type ActionChoice,
  choiceOf,
  fillActionFields,
  findChoice,
  readActionFields,
  toAction,
} from './action-form.ts';
import { previewAction } from './action-preview.ts';
import { type ActionState, viewAction, viewChoices } from './action-view.ts';
import { wordsFor } from './language.ts';
import type { PageParts } from './page-parts.ts';
import { renderPlainPage } from './plain-page.ts';
import { readPipelines } from './portal-pipelines.ts';
import { readReferences } from './portal-references.ts';
import { type Body, readOne } from './settings-fields.ts';
import { openedMaxAgeMs, readBasedOn } from './settings-page.ts';
import { renderPage } from './view.ts';

type Asked = { pipelineId: string; stageId: string; actionId: string; add: string };

/** Where the panel stands: pipeline, stage, and the action when it is about one. */
type Place = {
  settings: Settings;
  version: number;
  pipelines: Pipeline[];
  pipeline: Pipeline;
  stage: { id: string; label: string };
  actions: StageAction[];
  action: StageAction | undefined;
  /** Undefined = still to be chosen. */
  choice: ActionChoice | undefined;
};

/** Undefined when the pipeline, the stage or the action is gone. A stage that HubSpot lost still has its actions to be taken out. */
async function findPlace(parts: PageParts, req: Request, res: Response, asked: Asked): Promise<Place | undefined> {
  const { portal } = signedIn(res);
  const [known, { settings, version }] = await Promise.all([
    readPipelines(parts.pipelines, parts.log, portal.id, openedMaxAgeMs),
    parts.db.settings.getSettings(portal.id),
  ]);
  const pipeline = known.pipelines.find(({ id }) => id === asked.pipelineId);
  if (!pipeline) return undefined;
  const actions = listStageActions(settings, asked);
  const action = actions.find(({ id }) => id === asked.actionId);
  const found = pipeline.stages.find(({ id }) => id === asked.stageId);
  if ((asked.actionId !== '' && !action) || (!found && !action)) return undefined;
  const stage = found ?? { id: asked.stageId, label: wordsFor(req).settings.goneStage(asked.stageId) };
  const choice = action ? choiceOf(action) : findChoice(asked.add);
  return { settings, version, pipelines: known.pipelines, pipeline, stage, actions, action, choice };
}

function refuseGone(req: Request, res: Response): void {
  const { panel } = wordsFor(req);
  renderPlainPage(res, {
    status: 404,
    title: panel.goneTitle,
    message: panel.gone,
    action: { href: '/settings', label: panel.back },
  });
}

async function readState(
  parts: PageParts,
  req: Request,
  res: Response,
  place: Place & { choice: ActionChoice },
): Promise<ActionState> {
  const { portal } = signedIn(res);
  const { pipeline, stage, action, actions, choice } = place;
  const lists = choice === 'set-property' ? (['ticketProperties'] as const) : (['owners'] as const);
  return {
    portal,
    words: wordsFor(req),
    references: await readReferences(parts, portal.id, [...lists]),
    pipeline,
    stage,
    basedOn: place.version,
    action,
    index: action ? actions.indexOf(action) : actions.length,
    count: actions.length,
    choice,
    fields: fillActionFields(action),
    faults: [],
    ticketId: '',
    preview: null,
    conflict: false,
  };
}

function render(req: Request, res: Response, status: number, state: ActionState): void {
  renderPage(req, res, {
    view: 'action',
    title: state.words.panel.title(state.stage.label),
    section: 'settings',
    status,
    data: viewAction(state),
  });
}

const readQuery = (value: unknown): string => (typeof value === 'string' ? value : '');

/** GET /settings/actions: the kinds to choose from, or the form of one. */
export async function showAction(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { pipeline, stage, action, add } = req.query;
  const place = await findPlace(parts, req, res, {
    pipelineId: readQuery(pipeline),
    stageId: readQuery(stage),
    actionId: readQuery(action),
    add: readQuery(add),
  });
  if (!place) return refuseGone(req, res);
  const { choice } = place;
  if (choice) return render(req, res, 200, await readState(parts, req, res, { ...place, choice }));
  const words = wordsFor(req);
  renderPage(req, res, {
    view: 'actions',
    title: words.panel.title(place.stage.label),
    section: 'settings',
    data: viewChoices({ portal: signedIn(res).portal, words, ...place }),
  });
}

async function findPostedPlace(parts: PageParts, req: Request, res: Response, body: Body): Promise<Place | undefined> {
  return findPlace(parts, req, res, {
    pipelineId: readOne(body, 'pipeline'),
    stageId: readOne(body, 'stage'),
    actionId: readOne(body, 'action'),
    add: readOne(body, 'add'),
  });
}

type Judged = { state: ActionState; faults: ActionFault[]; actions: StageAction[]; action: StageAction | undefined };

/** The form's action, judged in its place among the others. */
async function judge(
  parts: PageParts,
  req: Request,
  res: Response,
  place: Place & { choice: ActionChoice },
): Promise<Judged> {
  const body: Body = req.body ?? {};
  const { choice } = place;
  const read = await readState(parts, req, res, place);
  const fields = readActionFields(body, choice);
  const state = { ...read, fields, basedOn: readBasedOn(body), ticketId: readOne(body, 'ticket').trim() };
  const { index, words, references } = state;
  const id = place.action?.id ?? makeActionId();
  const list = putAction<{ id: unknown }>(place.actions, { ...toAction(id, choice, fields), id });
  const asked = { pipelineId: place.pipeline.id, stageId: place.stage.id };
  const checked = checkStageActions(list, asked, place.pipelines, await readSettingsContext(parts, state.portal.id));
  const faults = 'issues' in checked ? toFaults(checked.issues, { index, choice, fields }, words) : [];
  if (choice === 'set-property' && faults.length === 0) {
    faults.push(...findPropertyFaults(fields, references.ticketProperties, words));
  }
  const actions = 'actions' in checked ? checked.actions : [];
  return { state, faults, actions, action: actions[index] };
}

/** POST /settings/preview: the form again, with its text for a real ticket. Saves nothing. Throws `bad-request` as saveAction. */
export async function showPreview(parts: PageParts, req: Request, res: Response): Promise<void> {
  const body: Body = req.body ?? {};
  const place = await findPostedPlace(parts, req, res, body);
  if (!place?.choice) return refuseGone(req, res);
  const { choice } = place;
  const { state, faults, action } = await judge(parts, req, res, { ...place, choice });
  // Another property was chosen: its values are shown, and nothing is judged yet.
  if (readOne(body, 'do') === 'values') {
    const fields = { ...state.fields, value: '' };
    const changed = place.action?.kind !== 'set-property' || place.action.property !== fields.property;
    return render(req, res, 200, changed ? { ...state, fields } : state);
  }
  const all = [...faults, ...findTicketFault(choice, state.ticketId, state.words)];
  if (all.length > 0 || !action) return render(req, res, 422, { ...state, faults: all });
  const preview = await previewAction(parts, state.portal.id, action, state.ticketId, place);
  render(req, res, 200, { ...state, preview });
}

/** POST /settings/actions: `do` = save, remove, up or down. Throws BatonError `bad-request` for a form that is not this page's. */
export async function saveAction(parts: PageParts, req: Request, res: Response): Promise<void> {
  const { portal, userId } = signedIn(res);
  const body: Body = req.body ?? {};
  const basedOn = readBasedOn(body);
  const place = await findPostedPlace(parts, req, res, body);
  if (!place?.choice) return refuseGone(req, res);
  const { choice, action, version } = place;
  const work = readOne(body, 'do');
  let actions: StageAction[];
  const conflict = async () => {
    const state = await readState(parts, req, res, { ...place, choice });
    const fields = work === 'save' ? readActionFields(body, choice) : state.fields;
    render(req, res, 409, { ...state, fields, basedOn, conflict: true });
  };
  if (basedOn !== version) return conflict();
  if (action && work === 'remove') actions = place.actions.filter((each) => each !== action);
  else if (action && work === 'up') actions = moveAction(place.actions, action.id, -1);
  else if (action && work === 'down') actions = moveAction(place.actions, action.id, 1);
  else {
    const judged = await judge(parts, req, res, { ...place, choice });
    if (judged.faults.length > 0) return render(req, res, 422, { ...judged.state, faults: judged.faults });
    actions = judged.actions;
  }
  const asked = { pipelineId: place.pipeline.id, stageId: place.stage.id };
  const settings = withStageActions(place.settings, asked, actions);
  const saved = await parts.db.settings.saveSettings(portal.id, { basedOn, settings, author: userId });
  if (!saved.saved) return conflict();
  parts.log.info({ portalId: portal.id, userId, version: saved.version }, 'settings saved');
  const back = new URLSearchParams({ saved: String(saved.version), pipeline: place.pipeline.id });
  res.redirect(303, `/settings?${back}#stages`);
}
