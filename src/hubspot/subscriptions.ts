// The webhook subscriptions Baton understands, in the shape of the project's webhooks component (PLATFORM.md 2.2).

type CrmSubscription = { subscriptionType: string; objectType: 'email' | 'ticket'; propertyName?: string };

/** Must equal `subscriptions` of the webhooks-hsmeta.json (there each with `active: true`); src/hubspot/events.ts reads what they send. */
export const subscriptions: {
  crmObjects: readonly CrmSubscription[];
  legacyCrmObjects: readonly never[];
  hubEvents: readonly { subscriptionType: string }[];
} = {
  crmObjects: [
    { subscriptionType: 'object.creation', objectType: 'email' },
    // An email exists as SCHEDULED or SENDING before it is SENT (DATA.md 2.2), so its creation is not enough.
    { subscriptionType: 'object.propertyChange', objectType: 'email', propertyName: 'hs_email_status' },
    { subscriptionType: 'object.associationChange', objectType: 'email' },
    { subscriptionType: 'object.propertyChange', objectType: 'ticket', propertyName: 'hs_pipeline_stage' },
    { subscriptionType: 'object.creation', objectType: 'ticket' },
    { subscriptionType: 'object.deletion', objectType: 'ticket' },
    { subscriptionType: 'object.merge', objectType: 'ticket' },
  ],
  legacyCrmObjects: [],
  hubEvents: [
    { subscriptionType: 'conversation.creation' },
    { subscriptionType: 'conversation.newMessage' },
    { subscriptionType: 'conversation.privacyDeletion' },
    { subscriptionType: 'contact.privacyDeletion' },
  ],
};
