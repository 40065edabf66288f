// The fault `partial`: some inputs of a batch are kept from HubSpot's handler and come back as errors of a 207 (PLATFORM.md 5.3).
import { type Answer, errorBody } from './answers.ts';
import type { Fault } from './faults.ts';
import { shuffle } from './random.ts';

type Input = { id?: unknown; from?: { id?: unknown } | null } | null;

export type Split = { kept: Buffer; failed: Input[] };

function readBody(raw: Buffer): { inputs?: unknown } | undefined {
  try {
    return JSON.parse(raw.toString('utf8')) as { inputs?: unknown };
  } catch {
    // No JSON: the handler itself refuses it.
    return undefined;
  }
}

/** What the handler still gets, and what fails; undefined where there are no inputs to fail. */
export function splitBatch(raw: Buffer, fault: Fault, random: () => number): Split | undefined {
  const body = readBody(raw);
  if (!Array.isArray(body?.inputs) || body.inputs.length === 0) return undefined;
  const inputs = body.inputs as Input[];
  const failed = new Set(shuffle([...inputs.keys()], random).slice(0, fault.inputs ?? 1));
  const kept = { ...body, inputs: inputs.filter((_, index) => !failed.has(index)) };
  return { kept: Buffer.from(JSON.stringify(kept)), failed: inputs.filter((_, index) => failed.has(index)) };
}

function printFailure(input: Input, fault: Fault) {
  const id = input?.id ?? input?.from?.id;
  const context = id === undefined ? {} : { context: { ids: [String(id)] } };
  const told = typeof fault.body === 'object' && fault.body !== null ? fault.body : {};
  return { ...errorBody('INTERNAL_ERROR', 'There was a problem with this input.'), ...told, ...context };
}

/** The one error for the whole batch where HubSpot does not answer in part. */
export function refuseBatch(failed: Input[], fault: Fault): Answer {
  return { status: 400, body: printFailure(failed[0] ?? null, fault) };
}

/** The handler's answer about the rest, with an error for each failed input. An answer that is no success stays. */
export function addFailures(answer: Answer, failed: Input[], fault: Fault): Answer {
  if (answer.status >= 300) return answer;
  const { json, body: given = { status: 'COMPLETE', results: [] }, ...rest } = answer;
  const body = (json === undefined ? given : JSON.parse(json)) as { errors?: unknown[] };
  const errors = [...(body.errors ?? []), ...failed.map((input) => printFailure(input, fault))];
  return { ...rest, status: 207, body: { ...body, numErrors: errors.length, errors } };
}
