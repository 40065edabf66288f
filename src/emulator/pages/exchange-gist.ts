// What an exchange was about in a line: which record, which value, which text, or why it was refused.

import { findObjectType, objectTypes } from '../object-types.ts';
import { type Exchange, isFailed } from '../request-log.ts';
import type { PortalState } from '../state.ts';
import { stageLabel } from './facts.ts';

const gistCharacters = 140;

type Body = Record<string, unknown>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A form, or a body that was cut.
    return undefined;
  }
}

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeValue(portal: PortalState, name: string, value: unknown): string {
  const label = name === 'hs_pipeline_stage' && stageLabel(portal, String(value));
  return `${name} = ${label && label !== value ? `${value} (${label})` : value}`;
}

function describeProperties(portal: PortalState, properties: unknown): string {
  if (!isBody(properties)) return '';
  return Object.entries(properties)
    .map(([name, value]) => describeValue(portal, name, value))
    .join(', ');
}

function describeEvent(portal: PortalState, event: unknown): string {
  if (!isBody(event)) return '';
  const { subscriptionType, objectTypeId, objectId, propertyName, propertyValue, messageType } = event;
  const isThread = String(subscriptionType ?? event.eventType).startsWith('conversation');
  const type = findObjectType(String(objectTypeId));
  const noun = isThread ? 'thread' : type && objectTypes[type].singular;
  const what =
    objectId === undefined ? `${event.fromObjectId} with ${event.toObjectId}` : `${noun ?? 'record'} ${objectId}`;
  const change = propertyName ? ` ${describeValue(portal, String(propertyName), propertyValue)}` : '';
  return `${what}${change}${messageType ? ` ${messageType}` : ''}`;
}

function describeInput(portal: PortalState, input: unknown): string {
  if (!isBody(input)) return '';
  const written = describeProperties(portal, input.properties);
  return [input.id, written].filter(Boolean).join(' ');
}

function describeCall(portal: PortalState, asked: unknown, query: string): string {
  if (!isBody(asked)) return query;
  if (Array.isArray(asked.inputs)) return asked.inputs.map((input) => describeInput(portal, input)).join('; ');
  // A list of names is what a read asks for, an object what a write sets.
  const parts = [
    describeProperties(portal, asked.properties),
    typeof asked.text === 'string' ? `\u201c${asked.text}\u201d` : '',
  ];
  return parts.filter(Boolean).join(', ');
}

/** Empty where there is nothing to say; at most 140 characters. */
export function describeExchange(portal: PortalState, one: Exchange): string {
  const asked = parse(one.sent);
  const answered = parse(one.answered);
  const refusal = isFailed(one) && isBody(answered) && typeof answered.message === 'string' && answered.message;
  const about =
    one.kind === 'webhook' && Array.isArray(asked)
      ? asked.map((event) => describeEvent(portal, event)).join('; ')
      : describeCall(portal, asked, one.query);
  const gist = refusal || about;
  return gist.length > gistCharacters ? `${gist.slice(0, gistCharacters)} ...` : gist;
}
