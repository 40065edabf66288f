// DNS for posts to customers' servers: an answer is looked at at the very moment of connecting, so that it cannot change in between.
import { type LookupAddress, lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '../rules/webhook-url.ts';

/** The code of the error with which a connection to a private address ends before it is made. */
export const privateAddressCode = 'ERR_PRIVATE_ADDRESS';

export class PrivateAddressError extends Error {
  readonly code = privateAddressCode;
}

export type Resolve = (
  hostname: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A `lookup` for sockets that fails when any answer lies outside the open internet: a name with one such answer is up to something. */
export function createPublicLookup(resolveHost: Resolve = resolve): LookupFunction {
  return (hostname, options, done) => {
    resolveHost(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) done(error ?? new Error('no address'), '', 0);
      else if (!addresses.every(({ address }) => isPublicAddress(address))) done(new PrivateAddressError(), '', 0);
      else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
