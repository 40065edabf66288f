// Contacts (0-1): their addresses (DATA.md 7b), found or made for the sender of a new conversation (DATA.md 7d).
import type { Contact } from '../crm.ts';
import { BatonError } from '../errors.ts';
import { page, readAddress, readAddresses, readAs } from './answers.ts';
import { type ErrorBody, isRecord } from './failures.ts';
import {
  batchAnswer,
  type CrmObject,
  crmObject,
  describeNewObject,
  readCreated,
  readObjects,
  requireOnlyMissing,
} from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

const addressProperties = ['email', 'hs_additional_emails'];

export async function readContacts(client: PortalClient, contactIds: string[]): Promise<Map<string, Contact>> {
  const objects = await readObjects(client, 'contacts', contactIds, { properties: addressProperties });
  return new Map(objects.map((object) => [object.id, toContact(object)]));
}

function toContact({ id, properties }: CrmObject): Contact {
  const addresses = [properties.email, properties.hs_additional_emails].flatMap(readAddresses);
  return { id, addresses: [...new Set(addresses)] };
}

/**
 * See PortalGateway.findContactByAddress: by primary address at once. Whether that finds additional addresses is not
 * documented, so these are searched for afterwards, with the search's lag of "a few moments" (DATA.md 4).
 */
export async function findContactByAddress(client: PortalClient, address: string): Promise<string | undefined> {
  const wanted = requireAddress(address);
  return (await findByIdProperty(client, wanted)) ?? (await searchAdditional(client, wanted));
}

async function findByIdProperty(client: PortalClient, address: string): Promise<string | undefined> {
  const answer = await client.read({
    method: 'POST',
    path: paths.batchRead('contacts'),
    body: { inputs: [{ id: address }], properties: addressProperties, propertiesWithHistory: [], idProperty: 'email' },
    personal: [address],
  });
  const { results, errors } = readAs(batchAnswer, answer);
  requireOnlyMissing(errors ?? []);
  const [found] = results ?? [];
  return found === undefined ? undefined : readAs(crmObject, found).id;
}

/** A token search finds every contact with the address's words in it: only the very address counts. */
async function searchAdditional(client: PortalClient, address: string): Promise<string | undefined> {
  const filter = { propertyName: 'hs_additional_emails', operator: 'CONTAINS_TOKEN', value: address };
  const answer = await client.read({
    method: 'POST',
    path: paths.search('contacts'),
    body: { filterGroups: [{ filters: [filter] }], properties: addressProperties, sorts: [], limit: 200, after: '0' },
    personal: [address],
  });
  const contacts = readAs(page, answer).results.map((result) => toContact(readAs(crmObject, result)));
  return contacts.find((contact) => contact.addresses.includes(address))?.id;
}

/** See PortalGateway.createContact. The names are left out when null. */
export async function createContact(
  client: PortalClient,
  contact: { address: string; firstName: string | null; lastName: string | null },
): Promise<string> {
  const address = requireAddress(contact.address);
  const { firstName, lastName } = contact;
  const properties = {
    email: address,
    ...(firstName === null ? {} : { firstname: firstName }),
    ...(lastName === null ? {} : { lastname: lastName }),
  };
  const outcome = await client.tryWrite({
    method: 'POST',
    path: paths.objects('contacts'),
    body: describeNewObject(properties, []),
    personal: [address, firstName ?? '', lastName ?? ''],
  });
  if (outcome.ok) return readCreated(outcome.body).id;
  const taken = outcome.status === 409;
  const existingId = taken
    ? (readExistingId(outcome.body) ?? (await findContactByAddress(client, address)))
    : undefined;
  if (existingId === undefined) throw outcome.error;
  return existingId;
}

/** `Contact already exists. Existing ID: 123` (DATA.md 4 has no structured place for it): also looked for in every context. */
function readExistingId(body: ErrorBody): string | undefined {
  const parts = [body, ...(Array.isArray(body.errors) ? body.errors : [])].filter(isRecord);
  const named = parts
    .flatMap(({ context }) =>
      isRecord(context) ? [context.existingId, context.existingObjectId, context.id, context.ids] : [],
    )
    .flat()
    .map(String);
  const said = parts.flatMap(({ message }) => /existing id:\s*(\d+)/i.exec(String(message))?.[1] ?? []);
  return [...said, ...named].find((value) => /^\d+$/.test(value));
}

/** Lower case, as HubSpot keeps addresses. */
function requireAddress(text: string): string {
  const address = readAddress(text);
  if (address === null)
    throw new BatonError('hubspot-refused', { detail: 'The sender’s address is no e-mail address.' });
  return address;
}
