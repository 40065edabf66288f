// Email activities (0-49): what the mailbox path needs of them (DATA.md 2.2, 2.3).
import { z } from 'zod';
import type { Email } from '../crm.ts';
import { BatonError } from '../errors.ts';
import { page, readAddress, readAddresses, readAs, readTime } from './answers.ts';
import { type CrmObject, crmObject, readObjects } from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

const emailProperties = [
  'hs_createdate',
  'hs_timestamp',
  'hs_email_direction',
  'hs_email_status',
  'hs_email_from_email',
  'hs_email_to_email',
  'hs_email_cc_email',
  'hs_email_bcc_email',
  'hs_email_headers',
  'hubspot_owner_id',
  'hs_created_by_user_id',
  'hs_object_source',
  'hs_object_source_id',
  'hs_email_thread_id',
  'hs_incoming_email_is_out_of_office',
  'hs_email_subject',
  'hs_email_text',
  'hs_email_html',
];

const textProperties = new Set(['hs_email_subject', 'hs_email_text', 'hs_email_html']);

export async function readEmails(client: PortalClient, emailIds: string[]): Promise<Map<string, Email>> {
  const objects = await readObjects(client, 'emails', emailIds, { properties: emailProperties });
  return new Map(objects.map((object) => [object.id, toEmail(object)]));
}

/** A page of search results, the last of the 10,000 a query gives (search guide, DATA.md 4); beyond it HubSpot answers 400. */
const foundPerCall = 200;
const maxFound = 10_000;

/** See PortalGateway.searchSentEmails. Without texts: two hundred mails of any length would not fit one answer. */
export async function searchSentEmails(
  client: PortalClient,
  query: { after: Date; before: Date; cursor?: string },
): Promise<{ emails: Email[]; cursor: string | null }> {
  const { after, before, cursor } = query;
  const filters = [
    { propertyName: 'hs_email_direction', operator: 'EQ', value: 'EMAIL' },
    { propertyName: 'hs_email_status', operator: 'EQ', value: 'SENT' },
    {
      propertyName: 'hs_timestamp',
      operator: 'BETWEEN',
      value: String(after.getTime()),
      highValue: String(before.getTime()),
    },
  ];
  const body = {
    filterGroups: [{ filters }],
    sorts: [{ propertyName: 'hs_timestamp', direction: 'DESCENDING' }],
    properties: emailProperties.filter((name) => !textProperties.has(name)),
    limit: foundPerCall,
    after: cursor ?? '0', // required by the schema (PublicObjectSearchRequest, DATA.md 4)
  };
  const answer = readAs(page, await client.read({ method: 'POST', path: paths.search('emails'), body }));
  const next = answer.paging !== null && Number(answer.paging) >= maxFound ? null : answer.paging;
  return { emails: answer.results.map((result) => toEmail(readAs(crmObject, result))), cursor: next };
}

function toEmail(object: CrmObject): Email {
  const values = object.properties;
  const createdAt = object.createdAt ?? readTime(values.hs_createdate);
  if (!createdAt) throw new BatonError('hubspot-unreadable', { detail: `Email ${object.id} has no date.` });
  const headers = readHeaders(values.hs_email_headers);
  // Whoever received it: the article's "sent to a contact" does not ask in which field.
  const to = [
    ...readAddresses(values.hs_email_to_email),
    ...readAddresses(values.hs_email_cc_email),
    ...readAddresses(values.hs_email_bcc_email),
    ...headers.to,
  ];
  return {
    id: object.id,
    createdAt,
    sentAt: readTime(values.hs_timestamp),
    direction: values.hs_email_direction ?? null,
    status: values.hs_email_status ?? null,
    fromAddress: readAddress(values.hs_email_from_email) ?? headers.from,
    toAddresses: [...new Set(to)],
    ownerId: values.hubspot_owner_id ?? null,
    createdByUserId: values.hs_created_by_user_id ?? null,
    objectSource: values.hs_object_source ?? null,
    objectSourceId: values.hs_object_source_id ?? null,
    emailThreadId: values.hs_email_thread_id ?? null,
    outOfOffice: values.hs_incoming_email_is_out_of_office === 'true',
    subject: values.hs_email_subject ?? null,
    text: values.hs_email_text ?? null,
    html: values.hs_email_html ?? null,
  };
}

const person = z.object({ email: z.unknown() }).nullish().catch(null);
const people = z.array(person).nullish().catch(null);
const headersShape = z.object({ from: person, to: people, cc: people, bcc: people });

/** A JSON string inside a string (DATA.md 0.10). Unreadable headers lose nothing: the read-only properties say the same. */
function readHeaders(text: string | null | undefined): { from: string | null; to: string[] } {
  let parsed: z.infer<typeof headersShape> | undefined;
  try {
    parsed = headersShape.safeParse(JSON.parse(text ?? '{}')).data;
  } catch {
    parsed = undefined;
  }
  const recipients = [parsed?.to, parsed?.cc, parsed?.bcc].flatMap((list) => list ?? []);
  return { from: readAddress(parsed?.from?.email), to: recipients.flatMap((each) => readAddress(each?.email) ?? []) };
}
