// The CRM object types the emulator knows, their names in paths, and the association ids between them (DATA.md 3.4).
import type { ObjectType } from './state.ts';
import type { Quirks } from './world.ts';

type TypeFacts = {
  typeId: string;
  singular: string;
  createdProperty: string;
  modifiedProperty: string;
  /** Printed when a read asks for no properties (DATA.md 1.1, 2.1; tasks, notes, emails: ids and dates only). */
  defaults: string[];
  readScopes: string[];
  writeScopes: string[];
};

const contactsRead = 'crm.objects.contacts.read';
const contactsWrite = 'crm.objects.contacts.write';

// Scopes: PLATFORM.md 4.6; notes and tasks DATA.md 6; emails need both of theirs since 2026-09.
export const objectTypes: Record<ObjectType, TypeFacts> = {
  tickets: {
    typeId: '0-5',
    singular: 'ticket',
    createdProperty: 'createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaults: ['content', 'hs_pipeline', 'hs_pipeline_stage', 'hs_ticket_category', 'hs_ticket_priority', 'subject'],
    readScopes: ['tickets'],
    writeScopes: ['tickets'],
  },
  emails: {
    typeId: '0-49',
    singular: 'email',
    createdProperty: 'hs_createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaults: [],
    readScopes: [contactsRead, 'sales-email-read'],
    writeScopes: [contactsWrite, 'sales-email-read'],
  },
  contacts: {
    typeId: '0-1',
    singular: 'contact',
    createdProperty: 'createdate',
    modifiedProperty: 'lastmodifieddate',
    defaults: ['email', 'firstname', 'lastname'],
    readScopes: [contactsRead],
    writeScopes: [contactsWrite],
  },
  notes: {
    typeId: '0-46',
    singular: 'note',
    createdProperty: 'hs_createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaults: [],
    readScopes: [contactsRead],
    writeScopes: [contactsWrite],
  },
  tasks: {
    typeId: '0-27',
    singular: 'task',
    createdProperty: 'hs_createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaults: [],
    readScopes: [contactsRead],
    writeScopes: [contactsWrite],
  },
};

export const objectTypeNames = Object.keys(objectTypes) as ObjectType[];

/** `tickets`, `ticket` or `0-5`, in any case; undefined for anything else. */
export function findObjectType(name: string): ObjectType | undefined {
  const wanted = name.toLowerCase();
  return objectTypeNames.find(
    (type) => type === wanted || objectTypes[type].singular === wanted || objectTypes[type].typeId === wanted,
  );
}

/** Like findObjectType, with threads under the one name that works in this portal. */
export function findAssociationType(name: string, quirks: Quirks): ObjectType | 'conversations' | undefined {
  return name.toLowerCase() === quirks.threadAssociationName ? 'conversations' : findObjectType(name);
}

const associationIds: Array<[from: ObjectType, to: ObjectType, id: number, back: number]> = [
  ['tickets', 'contacts', 16, 15],
  ['tickets', 'tickets', 452, 452],
  ['tickets', 'emails', 223, 224],
  ['tickets', 'notes', 227, 228],
  ['tickets', 'tasks', 229, 230],
  ['contacts', 'emails', 197, 198],
  ['contacts', 'notes', 201, 202],
  ['contacts', 'tasks', 203, 204],
];

/** The HUBSPOT_DEFINED id from one type to another; undefined where HubSpot has no such pair here. */
export function findAssociationId(from: ObjectType, to: ObjectType): number | undefined {
  for (const [a, b, id, back] of associationIds) {
    if (a === from && b === to) return id;
    if (b === from && a === to) return back;
  }
  return undefined;
}

/** Which type an association id leads to; undefined when it does not start at `from`. */
export function findAssociationTarget(from: ObjectType, id: number): ObjectType | undefined {
  for (const [a, b, there, back] of associationIds) {
    if (a === from && there === id) return b;
    if (b === from && back === id) return a;
  }
  return undefined;
}
