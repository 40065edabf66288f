// Installs Baton in the emulated portal the way an admin does, through HubSpot's consent page, and switches its rules on.
import type { Config } from '../config.ts';
import type { Pipeline } from '../crm.ts';
import type { Db } from '../db/open-db.ts';
import { BatonError } from '../errors.ts';
import type { HubSpot } from '../hubspot/hubspot.ts';
import { createPace } from '../hubspot/pace.ts';
import { describeError, type Log } from '../log.ts';
import { type Settings, settingsSchema } from '../rules/settings.ts';

type Parts = { db: Db; hubspot: HubSpot; config: Pick<Config, 'publicUrl'>; portalId: string; log: Log };

/** Once: a portal whose grant still works is left alone, and so are settings somebody saved. Never throws: Baton runs without it. */
export async function ensureInstalled(parts: Parts): Promise<void> {
  const { db, hubspot, config, portalId, log } = parts;
  try {
    if (!(await isInstalled(parts))) await giveConsent(config.publicUrl, portalId);
    const { version } = await db.settings.getSettings(portalId);
    if (version > 0) return;
    const gateway = hubspot.portal(portalId, createPace());
    const [pipelines, owners] = await Promise.all([gateway.listPipelines(), gateway.listOwners()]);
    const settings = chooseSettings(pipelines, owners.find(({ userId }) => userId !== null)?.userId ?? null);
    await db.settings.saveSettings(portalId, { basedOn: 0, settings, author: 'npm start' });
  } catch (error) {
    const detail = error instanceof BatonError ? error.detail : undefined;
    log.warn(
      { ...describeError(error), detail },
      'Baton could not install itself in the emulated portal: sign in by hand',
    );
  }
}

async function isInstalled({ db, hubspot, portalId }: Parts): Promise<boolean> {
  const portal = await db.portals.findPortal(portalId);
  if (portal?.status !== 'installed') return false;
  try {
    await hubspot.portal(portalId, createPace()).accountDetails();
    return true;
  } catch (error) {
    // The emulator's file was deleted while the database stayed: its tokens are nobody's now.
    if (error instanceof BatonError && error.code === 'hubspot-revoked') return false;
    throw error;
  }
}

/** From Baton to HubSpot's page and back with the code, keeping Baton's cookie as a browser does. */
async function giveConsent(publicUrl: string, portalId: string): Promise<void> {
  const started = await fetch(`${publicUrl}/oauth/install`, { redirect: 'manual' });
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const consentUrl = expectRedirect(started, 'Baton');
  const decided = await fetch(new URL('/oauth/authorize', consentUrl), {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ query: consentUrl.search.slice(1), portalId, decision: 'connect' }),
  });
  const callbackUrl = expectRedirect(decided, 'the consent page');
  const finished = await fetch(callbackUrl, { redirect: 'manual', headers: { cookie } });
  if (expectRedirect(finished, 'the callback', publicUrl).pathname !== '/settings') {
    throw new BatonError('install-failed', { detail: 'The callback did not lead to the settings page.' });
  }
}

function expectRedirect(response: Response, from: string, base?: string): URL {
  const location = response.headers.get('location');
  if (response.status !== 302 || !location) {
    throw new BatonError('install-failed', { detail: `${from} answered ${response.status} instead of a redirect.` });
  }
  return new URL(location, base);
}

/**
 * The article's four automations on the portal's first pipeline. Mail a rep sends from the ticket counts: the emulated portal associates
 * no other. A short grace time, because somebody is watching.
 */
function chooseSettings(pipelines: Pipeline[], senderUserId: string | null): Settings {
  const [pipeline] = pipelines;
  const rule = (label: string) => {
    const stage = pipeline?.stages.find((one) => one.label === label);
    return { enabled: stage !== undefined, stageId: stage?.id ?? null };
  };
  const newConversation = { ...rule('New'), graceSeconds: 3 };
  const welcome = {
    id: 'welcome',
    kind: 'send-notification',
    via: 'thread',
    senderUserId,
    body: 'Hello {{contact.firstname | default: "there"}}, we have your request “{{ticket.subject}}”.',
  };
  const rules = {
    newConversation,
    outgoing: rule('Waiting on contact'),
    incoming: rule('Waiting on us'),
    stageActions: newConversation.stageId && senderUserId ? { [newConversation.stageId]: [welcome] } : {},
  };
  return settingsSchema.parse({
    pipelines: pipeline ? { [pipeline.id]: rules } : {},
    mailbox: { evidence: 'associated' },
  });
}
