// The OAuth scopes Baton asks for: only those it uses (marketplace rule, PLATFORM.md 8), each with its reason.

/** Must equal `requiredScopes` of hubspot/src/app/app-hsmeta.json, or HubSpot's consent page refuses (PLATFORM.md 4.1). */
export const requiredScopes = [
  'oauth', // base scope; account details and uninstall (PLATFORM.md 4.4, 4.6)
  'tickets', // read and move tickets, read pipelines; there is no finer ticket scope (PLATFORM.md 4.6)
  'crm.objects.contacts.read', // addresses of a ticket's contacts; emails ask for it too (PLATFORM.md 4.6)
  'crm.objects.owners.read', // which address is a colleague's
  'crm.objects.contacts.write', // a contact for a new conversation's sender; notes and tasks too (DATA.md 6)
  'conversations.read', // threads, messages and their webhooks
  'conversations.write', // a notification as a reply on the ticket's thread
  'sales-email-read', // content of email activities (DATA.md 2.1)
] as const;

/** Only where the portal's subscription has the transactional email add-on: as required scope it would block all others (PLATFORM.md 4.6). */
export const optionalScopes = ['transactional-email'] as const;
