// Transactional single sends (DATA.md 5): handed over with a `sendId`, followed by their status view.
import { z } from 'zod';
import { BatonError } from '../errors.ts';
import { optionalId, optionalText, readAs } from './answers.ts';
import type { SendStatus, TransactionalSend } from './gateway.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';
import { sortSendResult } from './send-results.ts';

const statusView = z.object({ status: optionalText, statusId: optionalId, sendResult: optionalText });

/** See PortalGateway.sendTransactional. Never writes to the contact. */
export async function sendTransactional(client: PortalClient, send: TransactionalSend): Promise<SendStatus> {
  const { emailId, address, sendId, customProperties } = send;
  const answer = await client.write({
    method: 'POST',
    path: paths.singleSend,
    // The 2026-09 schema requires the empty ones too (PublicSingleSendRequestEgg); an empty contactProperties writes nothing.
    body: {
      emailId,
      message: { to: address, sendId, cc: [], bcc: [], replyTo: [] },
      customProperties,
      contactProperties: {},
    },
    personal: [address, ...Object.values(customProperties)],
  });
  const view = statusView.safeParse(answer);
  const status = view.success ? toSendStatus(view.data) : undefined;
  if (status) return status;
  throw new BatonError('hubspot-unknown-outcome', { detail: 'HubSpot did not say how far the email is.' });
}

/** See PortalGateway.readSendStatus. Throws `hubspot-not-found` for a status HubSpot does not know (any more). */
export async function readSendStatus(client: PortalClient, statusId: string): Promise<SendStatus> {
  const view = readAs(statusView, await client.read({ method: 'GET', path: paths.sendStatus(statusId) }));
  const status = toSendStatus({ ...view, statusId: view.statusId ?? statusId });
  if (status) return status;
  throw new BatonError('hubspot-unreadable', { detail: 'Unexpected: status.' });
}

/** Undefined when the answer says neither how it ended nor where to ask. */
function toSendStatus(view: z.infer<typeof statusView>): SendStatus | undefined {
  const { status, statusId, sendResult } = view;
  if (sendResult === null && (status === 'PENDING' || status === 'PROCESSING')) {
    return statusId === null ? undefined : { state: 'pending', statusId };
  }
  // CANCELED, or COMPLETE without a result: not sent as far as HubSpot says.
  const code = sendResult ?? status;
  if (code === null) return undefined;
  const sorted = sortSendResult(code);
  return sorted === 'sent' ? { state: 'sent', statusId, code } : { state: 'failed', statusId, code, fault: sorted };
}
