// Contacts (0-1): only their addresses, to tell whether a sender or recipient is the ticket's contact (DATA.md 7b).
import type { Contact } from '../crm.ts';
import { readAddresses } from './answers.ts';
import { readObjects } from './objects.ts';
import type { PortalClient } from './portal-client.ts';

export async function readContacts(client: PortalClient, contactIds: string[]): Promise<Map<string, Contact>> {
  const properties = ['email', 'hs_additional_emails'];
  const objects = await readObjects(client, 'contacts', contactIds, { properties });
  return new Map(
    objects.map(({ id, properties: values }) => {
      const addresses = [values.email, values.hs_additional_emails].flatMap(readAddresses);
      return [id, { id, addresses: [...new Set(addresses)] }];
    }),
  );
}
