// passport-oauth2 as HubSpot wants it: optional scopes beside the required ones, exchange and profile by our own client.
import OAuth2Strategy from 'passport-oauth2';
import type { Config } from '../config.ts';
import type { Grant, Introspection, OAuth } from '../hubspot/oauth.ts';
import { paths } from '../hubspot/paths.ts';
import { optionalScopes, requiredScopes } from '../hubspot/scopes.ts';

/** What a finished consent gives: the tokens, and whose they are. */
export type Consent = { grant: Grant; introspection: Introspection };

type ExchangeDone = (error: unknown, accessToken?: string, refreshToken?: string, grant?: Grant) => void;

export class HubSpotStrategy extends OAuth2Strategy {
  // Not #private: passport works on objects derived from this one (Object.create), which have no private members.
  private readonly oauth: OAuth;

  constructor(parts: { config: Config; oauth: OAuth }) {
    const { config, oauth } = parts;
    super(
      {
        authorizationURL: `${config.hubspot.appUrl}/oauth/authorize`,
        tokenURL: config.hubspot.apiUrl + paths.token,
        clientID: config.hubspot.clientId,
        clientSecret: config.hubspot.clientSecret,
        callbackURL: `${config.publicUrl}/oauth/callback`,
        scope: [...requiredScopes],
        // A random value kept in the session: the only protection of the callback (PLATFORM.md 4.1).
        state: true,
        sessionKey: 'consent',
      },
      (_accessToken: string, _refreshToken: string, grant: Grant, introspection: Introspection, done) =>
        done(null, { grant, introspection } satisfies Consent),
    );
    this.oauth = oauth;
    // The library's own exchange knows no time limit and would read a body of any size.
    const exchange = (code: string, _params: unknown, done: ExchangeDone) => {
      oauth.exchangeCode(code).then((grant) => done(null, grant.accessToken, grant.refreshToken, grant), done);
    };
    this._oauth2.getOAuthAccessToken = exchange as typeof this._oauth2.getOAuthAccessToken;
  }

  override authorizationParams(): object {
    return optionalScopes.length > 0 ? { optional_scope: optionalScopes.join(' ') } : {};
  }

  /** HubSpot has no userinfo endpoint: introspection says whose token it is (PLATFORM.md 4.2, 4.3). */
  override userProfile(accessToken: string, done: (error?: unknown, introspection?: Introspection) => void): void {
    this.oauth.introspect(accessToken).then((introspection) => done(null, introspection), done);
  }
}
