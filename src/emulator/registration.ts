// The app as HubSpot knows it: what its options name, and made-up values for what they leave open.
import { randomInt, randomUUID } from 'node:crypto';
import { defaultScopes } from './oauth.ts';
import type { AppRegistration } from './world.ts';

export type RegistrationOptions = {
  /** Absent = made up; `emulator.app` tells. */
  appId?: string;
  clientId?: string;
  clientSecret?: string;
  /** Absent = any https or loopback address. */
  redirectUris?: string[];
  /** Absent = what Baton asks for: tickets, contacts, owners, conversations, mail. */
  requiredScopes?: string[];
  optionalScopes?: string[];
};

export function registerApp(options: RegistrationOptions): AppRegistration {
  return {
    appId: options.appId ?? String(randomInt(1_000_000, 10_000_000)),
    clientId: options.clientId ?? randomUUID(),
    clientSecret: options.clientSecret ?? randomUUID(),
    redirectUris: options.redirectUris ?? null,
    requiredScopes: options.requiredScopes ?? defaultScopes.required,
    optionalScopes: options.optionalScopes ?? defaultScopes.optional,
  };
}
