// One table of every error Baton names: code, HTTP status, whether trying again can help, and a sentence for people.

type ErrorKind = { status: number; retryable: boolean; sentence: string };

export const errors = {
  'bad-request': { status: 400, retryable: false, sentence: 'The request could not be read.' },
  'not-an-array': { status: 400, retryable: false, sentence: 'The body must be a JSON array of events.' },
  'bad-signature': { status: 401, retryable: false, sentence: 'The signature is missing or does not fit.' },
  'signature-expired': { status: 401, retryable: false, sentence: 'The signed time is missing or too far from now.' },
  'no-session': { status: 401, retryable: false, sentence: 'Open Baton from HubSpot to sign in.' },
  'bad-bearer-token': { status: 401, retryable: false, sentence: 'The bearer token is missing or does not fit.' },
  'bad-csrf-token': {
    status: 403,
    retryable: false,
    sentence: 'The page is out of date. Reload it and try again.',
  },
  'may-not-change': {
    status: 403,
    retryable: false,
    sentence:
      'You may read here, not change anything: show HubSpot at /oauth/install that you may install apps, then try again.',
  },
  'not-found': { status: 404, retryable: false, sentence: 'There is nothing here.' },
  'method-not-allowed': { status: 405, retryable: false, sentence: 'This address does not take that method.' },
  'settings-conflict': {
    status: 409,
    retryable: false,
    sentence: 'Somebody else saved in between. Reload the page to see their changes, then make yours again.',
  },
  'too-large': { status: 413, retryable: false, sentence: 'The request is larger than allowed.' },
  'unsupported-content': {
    status: 415,
    retryable: false,
    sentence: 'The body is of a kind, charset or compression that is not taken here.',
  },
  'settings-invalid': { status: 422, retryable: false, sentence: 'Some settings need another look.' },
  'too-many-requests': { status: 429, retryable: true, sentence: 'Too many requests. Wait a moment and try again.' },
  internal: { status: 500, retryable: true, sentence: 'Something went wrong on our side. It has been noted.' },
  'hubspot-unavailable': {
    status: 502,
    retryable: true,
    sentence: 'HubSpot did not answer as expected. Try again in a moment.',
  },
  'database-unavailable': {
    status: 503,
    retryable: true,
    sentence: 'Baton cannot reach its database. Nothing was stored; try again in a moment.',
  },
  overloaded: {
    status: 503,
    retryable: true,
    sentence: 'Baton has as much in hand as it can hold. Nothing was stored; try again in a moment.',
  },
  'schema-behind': { status: 503, retryable: true, sentence: 'The database is older than this program: run migrate.' },
  'schema-ahead': { status: 503, retryable: false, sentence: 'The database is newer than this program: deploy it.' },
  'install-failed': {
    status: 400,
    retryable: true,
    sentence: 'The installation did not finish. Start it again from HubSpot.',
  },
  'wrong-configuration': { status: 500, retryable: false, sentence: 'Baton is not set up correctly.' },
  'lease-lost': { status: 500, retryable: true, sentence: 'Another worker took this portal over.' },
  // What HubSpot's answers mean to us (PLATFORM.md 5.3).
  'hubspot-transient': { status: 502, retryable: true, sentence: 'HubSpot was briefly out of reach.' },
  'hubspot-unknown-outcome': {
    status: 502,
    retryable: true,
    sentence: 'HubSpot did not say whether the change was made; Baton looks before it tries again.',
  },
  'hubspot-rate-limited': { status: 502, retryable: true, sentence: "The portal's HubSpot limit was reached." },
  'hubspot-locked': { status: 502, retryable: true, sentence: 'HubSpot has locked the record for a moment.' },
  'hubspot-migrating': { status: 502, retryable: true, sentence: 'HubSpot is moving this portal to another region.' },
  'hubspot-revoked': { status: 502, retryable: false, sentence: 'HubSpot no longer lets Baton into this portal.' },
  'hubspot-scope-missing': {
    status: 502,
    retryable: false,
    sentence: 'Baton lacks a permission in this portal. Install it again to grant it.',
  },
  'hubspot-not-found': { status: 502, retryable: false, sentence: 'HubSpot does not know this record any more.' },
  'hubspot-refused': { status: 502, retryable: false, sentence: 'HubSpot refused the change.' },
  'hubspot-unreadable': { status: 502, retryable: true, sentence: 'HubSpot answered something Baton cannot read.' },
  'receiver-unavailable': {
    status: 502,
    retryable: true,
    sentence: 'The receiver of a webhook could not take it now.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errors;

/** An error of the table. `detail` may be shown to people: never put a token, an address or a message's text into it. */
export class BatonError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  /** Earliest time at which trying again makes sense; undefined = the caller's own backoff. */
  readonly retryAt: Date | undefined;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, options: { detail?: string; retryAt?: Date; cause?: unknown } = {}) {
    super(options.detail ? `${errors[code].sentence} ${options.detail}` : errors[code].sentence, {
      cause: options.cause,
    });
    this.name = 'BatonError';
    this.code = code;
    this.status = errors[code].status;
    this.retryable = errors[code].retryable;
    this.retryAt = options.retryAt;
    this.detail = options.detail;
  }
}
