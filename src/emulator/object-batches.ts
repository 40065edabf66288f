// Batch endpoints of CRM objects: read, update, create, with HubSpot's sizes and its partial answers (DATA.md 4).
import {
  type Answer,
  errorBody,
  invalid,
  isoTime,
  printPartial,
  printResults,
  propertyErrorBody,
  Refusal,
  refuse,
} from './answers.ts';
import type { Call } from './call.ts';
import { type CheckedObject, checkNewObject, makeNewObject, requireFreeAddress } from './new-objects.ts';
import { objectTypes } from './object-types.ts';
import { findArchived, getType, lookUp } from './objects.ts';
import { findProblems, followStage, readWrittenProperties } from './properties.ts';
import { createRecordPrinter, printWritten } from './record-printer.ts';
import { archiveRecord, findRecord, updateRecord } from './records.ts';
import type { CrmRecord, ObjectType } from './state.ts';

const maxInputs = 100;
const maxHistoryInputs = 50;

type Input = { id: string; idProperty: string | null; properties: unknown; traceId: string | undefined };

function readInputs(body: unknown, max: number, limitText: string): Record<string, unknown>[] {
  const inputs = (body as { inputs?: unknown } | undefined)?.inputs;
  if (!Array.isArray(inputs)) throw invalid('Invalid input JSON: some required fields were not set: [inputs]');
  if (inputs.length > max) throw invalid(`The maximum number of inputs supported in ${limitText} is ${max}`);
  if (inputs.some((input) => typeof input !== 'object' || input === null)) throw invalid('Invalid input JSON: inputs');
  return inputs as Record<string, unknown>[];
}

function readInput(input: Record<string, unknown>): Input {
  const { id, idProperty, properties, objectWriteTraceId } = input;
  if (typeof id !== 'string' && typeof id !== 'number') throw invalid('Some required fields were not set: [id]');
  return {
    id: String(id),
    idProperty: typeof idProperty === 'string' ? idProperty : null,
    properties,
    traceId: typeof objectWriteTraceId === 'string' ? objectWriteTraceId : undefined,
  };
}

function readNames(value: unknown): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.some((name) => typeof name !== 'string'))
    throw invalid('properties must be a list of names');
  return value as string[];
}

/** `results`: printed records. */
function printBatch(call: Call, status: number, results: string[], errors: object[]): Answer {
  const now = isoTime(call.world.now());
  const fields = { status: 'COMPLETE', ...printPartial(errors), startedAt: now, completedAt: now };
  return { status: errors.length > 0 ? 207 : status, json: printResults(results, fields) };
}

function missingError(type: ObjectType, ids: string[]) {
  const name = objectTypes[type].singular.toUpperCase();
  return {
    ...errorBody(
      'OBJECT_NOT_FOUND',
      `Could not get some ${name} objects, they may be deleted or not exist. Check that ids are valid.`,
    ),
    context: { ids },
  };
}

/** The greater decimal number first. */
function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return b.length - a.length;
  return a < b ? 1 : a > b ? -1 : 0;
}

/** Missing ids come back in one error with `context.ids` and status 207. */
export function readBatch(call: Call): Answer {
  const type = getType(call);
  const body = (call.body ?? {}) as Record<string, unknown>;
  const reading = { properties: readNames(body.properties), history: readNames(body.propertiesWithHistory) };
  const withHistory = reading.history.length > 0;
  const limitText = withHistory ? 'a batch request for property histories' : 'a batch request';
  const inputs = readInputs(body, withHistory ? maxHistoryInputs : maxInputs, limitText).map(readInput);
  const idProperty = typeof body.idProperty === 'string' ? body.idProperty : null;
  const archived = call.query.get('archived') === 'true';
  const found = new Map<string, CrmRecord>();
  const missing: string[] = [];
  // Results are not promised in the order of the inputs (DATA.md 4): newest id first, so that nobody relies on it.
  for (const id of inputs.map((input) => input.id).sort(compareIds)) {
    const record = archived ? findArchived(call.portal, type, id) : lookUp(call, type, id, idProperty, false);
    if (record) found.set(record.id, record);
    else missing.push(id);
  }
  const results = Array.from(found.values(), createRecordPrinter(call.portal, type, reading));
  const told = missing.length > 0 && call.world.quirks.reportsMissingIds;
  return printBatch(call, 200, results, told ? [missingError(type, missing)] : []);
}

type Checked = {
  input: Input;
  record: CrmRecord | undefined;
  written: Record<string, string>;
  error: object | undefined;
};

function checkUpdate(call: Call, type: ObjectType, input: Input): Checked {
  // The id of a ticket that was merged away does not work here (DATA.md 1.1).
  const record = lookUp(call, type, input.id, input.idProperty, false);
  const written = readWrittenProperties(input.properties);
  if (!written) throw invalid('properties must be an object');
  const trace = input.traceId ? { objectWriteTraceId: [input.traceId] } : {};
  if (!record) {
    const error = missingError(type, [input.id]);
    return { input, record, written, error: { ...error, context: { ...error.context, ...trace } } };
  }
  const { quirks } = call.world;
  if (quirks.otherPipelineStage === 'follow') followStage(call.portal, written);
  const problems = findProblems(call.portal, type, written, record.properties, call.version >= '2026-09');
  if (problems.length === 0) return { input, record, written, error: undefined };
  const error = propertyErrorBody(call.portal.id, problems, quirks);
  return { input, record, written, error: { ...error, context: { ids: [input.id], ...trace } } };
}

/** Whether one bad input fails the whole batch is uncertain: `quirks.batchUpdate` says. */
export function updateBatch(call: Call): Answer {
  const type = getType(call);
  const inputs = readInputs(call.body, maxInputs, 'a batch request').map(readInput);
  const ids = inputs.map((input) => input.id);
  if (new Set(ids).size < ids.length) throw invalid('Duplicate IDs found in batch input. IDs must be unique.');
  const checked = inputs.map((input) => checkUpdate(call, type, input));
  const mode = call.world.quirks.batchUpdate;
  const fatal = checked.find(
    ({ error, record }) => error && (mode === 'refuse-any' || (mode === 'refuse-invalid' && record)),
  );
  if (fatal) throw new Refusal({ status: 400, body: fatal.error });
  if (type === 'contacts')
    for (const { record, written, error } of checked) if (!error) requireFreeAddress(call.portal, written, record);
  const results: string[] = [];
  for (const { record, written, error } of checked) {
    if (error || !record) continue;
    updateRecord(call.world, call.portal, type, record, { properties: written, source: call.source });
    results.push(JSON.stringify(printWritten(call.portal, type, record, Object.keys(written))));
  }
  const errors = checked.flatMap(({ error }) => (error ? [error] : []));
  return printBatch(call, 200, results.reverse(), errors);
}

/** Partial success needs an `objectWriteTraceId` on every input (DATA.md 4); otherwise one bad input refuses all. */
export function createBatch(call: Call): Answer {
  const type = getType(call);
  const inputs = readInputs(call.body, maxInputs, 'a batch request');
  const traces = inputs.map((input) => input.objectWriteTraceId);
  const traced = traces.every((trace) => typeof trace === 'string') && new Set(traces).size === traces.length;
  const results: string[] = [];
  const errors: object[] = [];
  const make = (checked: CheckedObject) => {
    const record = makeNewObject(call, type, checked);
    results.push(JSON.stringify(printWritten(call.portal, type, record, Object.keys(record.properties))));
  };
  if (!traced) {
    const checked = inputs.map((input) => checkNewObject(call, type, input));
    refuseRepeatedAddress(checked);
    for (const each of checked) make(each);
    return printBatch(call, 201, results, errors);
  }
  for (const input of inputs) {
    try {
      make(checkNewObject(call, type, input));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const body = error.answer.body as Record<string, unknown>;
      errors.push({ ...body, context: { objectWriteTraceId: [input.objectWriteTraceId] } });
    }
  }
  return printBatch(call, 201, results, errors);
}

/** Two new contacts of one batch share an address: neither exists yet, so no lookup finds it. */
function refuseRepeatedAddress(checked: CheckedObject[]): void {
  const addresses = checked.flatMap(({ properties }) => properties.email?.toLowerCase() ?? []);
  if (new Set(addresses).size < addresses.length) throw refuse(409, 'CONFLICT', 'Duplicate email in batch input');
}

export function archiveBatch(call: Call): Answer {
  const type = getType(call);
  for (const { id } of readInputs(call.body, maxInputs, 'a batch request').map(readInput)) {
    const record = findRecord(call.portal, type, id, { followsMerge: false });
    if (record) archiveRecord(call.world, call.portal, type, record, call.source);
  }
  return { status: 204 };
}

/** One upsert input: the record it names, or what it would make. Throws Refusal. */
function checkUpsert(call: Call, type: ObjectType, input: Input) {
  const record = lookUp(call, type, input.id, input.idProperty, false);
  if (record) {
    const checked = checkUpdate(call, type, input);
    if (checked.error) throw new Refusal({ status: 400, body: checked.error });
    if (type === 'contacts') requireFreeAddress(call.portal, checked.written, record);
    return { input, record, written: checked.written };
  }
  // Without a unique property there is nothing a new record could be named by.
  if (!input.idProperty || input.idProperty === 'hs_object_id') throw missingRefusal(type, input);
  const written = readWrittenProperties(input.properties);
  if (!written) throw invalid('properties must be an object');
  const made = checkNewObject(call, type, { properties: { [input.idProperty]: input.id, ...written } });
  return { input, made };
}

function missingRefusal(type: ObjectType, input: Input): Refusal {
  return new Refusal({ status: 404, body: missingError(type, [input.id]) });
}

/** `POST .../batch/upsert`: found by a unique property and changed, or made; what fails comes back in a 207 (PLATFORM.md 5.3). */
export function upsertBatch(call: Call): Answer {
  const type = getType(call);
  const { portal, world, source } = call;
  const results: string[] = [];
  const errors: object[] = [];
  for (const input of readInputs(call.body, maxInputs, 'a batch request').map(readInput)) {
    try {
      const { record, written, made } = checkUpsert(call, type, input);
      if (record) updateRecord(world, portal, type, record, { properties: written, source });
      const kept = record ?? makeNewObject(call, type, made);
      const names = Object.keys(written ?? made.properties);
      results.push(JSON.stringify({ ...printWritten(portal, type, kept, names), new: record === undefined }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const context = { ids: [input.id], ...(input.traceId ? { objectWriteTraceId: [input.traceId] } : {}) };
      errors.push({ ...(error.answer.body as Record<string, unknown>), context });
    }
  }
  return printBatch(call, 200, results, errors);
}
