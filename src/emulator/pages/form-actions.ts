// What the fields of a form mean to the action behind it: lists, switches, and actions that take plain words.
import type { PortalState } from '../state.ts';
import { readSettings } from './settings-form.ts';

export type Fields = Record<string, string | undefined>;

const lists = ['to', 'cc', 'tickTickets', 'ticketIds', 'contactIds', 'additionalEmails', 'attachments', 'scopes'];
const switches = ['outOfOffice', 'spam', 'archived', 'keepsDates', 'remove', 'mayManageApps'];

function readList(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,;]+/).filter(Boolean);
}

/** Fields of properties of the record an action makes or changes are named `property.<name>`. */
export const propertyPrefix = 'property.';

/** Empty fields count as absent. */
function readObject(fields: Fields): Record<string, unknown> {
  const given = Object.entries(fields).filter(([, value]) => value);
  const isProperty = ([name]: [string, unknown]) => name.startsWith(propertyPrefix);
  const properties = given.filter(isProperty).map(([name, value]) => [name.slice(propertyPrefix.length), value]);
  const values = given
    .filter((field) => !isProperty(field))
    .map(([name, value]) => {
      if (lists.includes(name)) return [name, readList(value)];
      return [name, switches.includes(name) ? value === 'true' : value];
    });
  return {
    ...Object.fromEntries(values),
    ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
  };
}

type Read = (fields: Fields, portal: PortalState) => unknown[];

// Actions that do not take one object; every other does.
const plain: Record<string, Read> = {
  markSpam: ({ threadId, spam }) => [threadId, spam !== 'false'],
  archiveThread: ({ threadId, archived }) => [threadId, archived !== 'false'],
  closeThread: ({ threadId }) => [threadId],
  eraseThread: ({ threadId }) => [threadId],
  eraseContact: ({ contactId }) => [contactId],
  deleteTicket: ({ ticketId, userId }) => [ticketId, userId || undefined],
  uninstall: () => [],
  expireTokens: () => [],
  restrictScopes: ({ scopes }) => [readList(scopes)],
  // One address as text.
  startThread: (fields) => [{ ...readObject(fields), to: readList(fields.to)[0] ?? '' }],
  configure: (fields, portal) => [readSettings(fields, portal)],
};

/** The arguments of an action. Throws, in words for people, when the fields of the settings cannot be read. */
export function readArguments(action: string, fields: Fields, portal: PortalState): unknown[] {
  const read = Object.hasOwn(plain, action) ? plain[action] : undefined;
  return read ? read(fields, portal) : [readObject(fields)];
}
