// Where a `post-webhook` action may post to: the open internet by https, never an address inside somebody's network. Pure.
import ipaddr from 'ipaddr.js';

/** What is wrong with an address, in an admin's words; null when it can be saved. Plain http only to this very machine. Never throws. */
export function checkWebhookUrl(text: string): string | null {
  if (!URL.canParse(text)) return 'This is no address. Write it whole, for example https://example.com/hook.';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'Leave the name and password out of the address.';
  if (isLoopback(url.hostname)) {
    // The sender refuses it in production; on a developer's machine it is the only receiver there is.
    return url.protocol === 'http:' || url.protocol === 'https:' ? null : 'Use an address that begins with https://.';
  }
  if (url.protocol !== 'https:') return 'Use an address that begins with https://.';
  const host = hostOf(url);
  if (ipaddr.isValid(host) ? !isPublicAddress(host) : isInternalName(host)) {
    return 'This address lies inside a private network. Use one that can be reached from the internet.';
  }
  return null;
}

/** The host as DNS and sockets take it: an IPv6 address without its brackets, a name without the final dot. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
}

/** Whether an IP address is one of the open internet: not private, loopback, link-local, multicast, reserved, nor one of these inside an IPv6 form. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` reads ::ffff:10.0.0.1 as 10.0.0.1; the other forms that carry an IPv4 address (6to4, NAT64, Teredo) have ranges of their own.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  // All of the open IPv6 internet is in 2000::/3 (IANA); what the library has no name for (::10.0.0.1, fec0::) is not.
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] as number) & 0xe0) === 0x20;
}

function isInternalName(host: string): boolean {
  return !host.includes('.') || /\.(localhost|local|internal|lan|home|corp|intranet|arpa)$/i.test(host);
}
