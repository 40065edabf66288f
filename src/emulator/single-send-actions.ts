// What people and tests do about single sends: publish emails for them, order how they end, see what went out.
import { makeMarketingEmail, type NewMarketingEmail } from './portal.ts';
import { wentOut } from './single-sends.ts';
import type { PortalState, SingleSend } from './state.ts';
import type { World } from './world.ts';

/** Makes an email in the portal's marketing tool; published for single send unless it says otherwise. */
export function addMarketingEmail(world: World, portal: PortalState, made: NewMarketingEmail): { emailId: string } {
  const email = makeMarketingEmail(world.state, made, world.random);
  if (portal.marketingEmails.some((other) => other.id === email.id))
    throw new Error(`emulator: portal ${portal.id} already has marketing email ${email.id}`);
  portal.marketingEmails.push(email);
  return { emailId: email.id };
}

/** How the next single sends end, one each, whoever they are for: a sendResult, or CANCELED for a status without one. */
export function nextSendResult(_world: World, portal: PortalState, ...results: string[]): void {
  portal.nextSendResults.push(...results);
}

export type SentEmail = SingleSend & { name: string };

/** The single sends that went out, oldest first: a copy. A repeated sendId and a failed send are not among them. */
export function sentEmails(_world: World, portal: PortalState): SentEmail[] {
  return portal.sends.filter(wentOut).map((send) => {
    const email = portal.marketingEmails.find((one) => one.id === send.emailId);
    return { ...structuredClone(send), name: email?.name ?? '' };
  });
}
