// How a transactional send ended, sorted by who can do something about it: HubSpot's 51 `sendResult` values.

/** `sent`; `theirs` = the recipient; `ours` = set up wrongly; `later` = HubSpot asks to try again. */
export type SendEnd = 'sent' | 'theirs' | 'ours' | 'later';

/** Names: EmailSendStatusView of HubSpot's spec 2026-09/transactionalSingleSend.json; meanings: transactional email guide (DATA.md 5). */
const sendResults: Record<SendEnd, readonly string[]> = {
  // The two IDEMPOTENT ones say that this sendId went out before.
  sent: ['SENT', 'QUEUED', 'IDEMPOTENT_IGNORE', 'IDEMPOTENT_FAIL'],
  later: ['THROTTLED', 'PORTAL_OVER_LIMIT', 'ATTACHMENT_DOWNLOAD_QUEUE_FULL'],
  theirs: [
    'ADDRESS_LIST_BOMBED',
    'ADDRESS_ONLY_ACCEPTED_ON_PROD',
    'ADDRESS_OPTED_OUT',
    'BLOCKED_ADDRESS',
    'BLOCKED_DOMAIN',
    'BRAND_RECIPIENT_FATIGUE_SUPPRESSED',
    'EMAIL_UNCONFIRMED',
    'GDPR_DOI_ENABLED',
    'GRAYMAIL_SUPPRESSED',
    'INVALID_TO_ADDRESS',
    'LOW_CONTACT_QUALITY_SCORE',
    'MTA_IGNORE',
    'NON_MARKETABLE_CONTACT',
    'PREVIOUSLY_BOUNCED',
    'PREVIOUSLY_UNSUBSCRIBED_BRAND',
    'PREVIOUSLY_UNSUBSCRIBED_BUSINESS_UNIT',
    'PREVIOUSLY_UNSUBSCRIBED_MESSAGE',
    'PREVIOUSLY_UNSUBSCRIBED_PORTAL',
    'PREVIOUS_SPAM',
    'QUARANTINED_ADDRESS',
    'RECIPIENT_FATIGUE_SUPPRESSED',
    'UNDELIVERABLE',
  ],
  ours: [
    'CAMPAIGN_CANCELLED',
    'CANCELLED_ABUSE',
    'CONTACT_VIEW_PERMISSION',
    'CORRUPT_INPUT',
    'EMAIL_DISABLED',
    'HUBL_LIMIT_EXCEEDED',
    'INVALID_APP_ID_ATTRIBUTION',
    'INVALID_FROM_ADDRESS',
    'MARKETING_ACTIVATION_DISALLOWED',
    'MISSING_CONTENT',
    'MISSING_REQUIRED_PARAMETER',
    'MISSING_TEMPLATE_PROPERTIES',
    'PORTAL_AUTHENTICATION_FAILURE',
    'PORTAL_EXPIRED',
    'PORTAL_MISSING_MARKETING_SCOPE',
    'PORTAL_NOT_AUTHORIZED_FOR_APPLICATION',
    'PORTAL_SUSPENDED',
    'TEMPLATE_RENDER_EXCEPTION',
    'TOO_MANY_RECIPIENTS',
    'UBB_GOVERNANCE_MISSING',
    'UNCONFIGURED_SENDING_DOMAIN',
    'VALIDATION_FAILED',
  ],
};

const ends = new Map<string, SendEnd>(
  (Object.keys(sendResults) as SendEnd[]).flatMap((end) => sendResults[end].map((code) => [code, end] as const)),
);

/** A value HubSpot has added since is `ours`: somebody should look, and nothing is sent again by itself. */
export function sortSendResult(code: string): SendEnd {
  return ends.get(code) ?? 'ours';
}
