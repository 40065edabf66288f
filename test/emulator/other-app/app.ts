// Another HubSpot app, as anyone would write it with the official client: a new ticket that is urgent goes straight to us.
import { Client, Signature } from '@hubspot/api-client';
import express, { type Express } from 'express';

export type OtherAppOptions = {
  clientId: string;
  clientSecret: string;
  /** Where this app is reached. */
  publicUrl: string;
  /** `https://api.hubapi.com`, or an emulator. */
  hubspotUrl: string;
  stageId: string;
};

type Event = { subscriptionType: string; portalId: number; objectId: number };

export function createOtherApp(options: OtherAppOptions): Express {
  const { clientId, clientSecret, publicUrl, hubspotUrl, stageId } = options;
  const clients = new Map<number, Client>();

  async function raise({ portalId, objectId }: Event): Promise<void> {
    const { basicApi } = clients.get(portalId)?.crm.tickets ?? {};
    const ticket = await basicApi?.getById(String(objectId), ['subject']);
    if (!ticket?.properties.subject?.includes('urgent')) return;
    await basicApi?.update(ticket.id, { properties: { hs_pipeline_stage: stageId } });
  }

  const app = express();
  app.get('/callback', async (request, response) => {
    const client = new Client({ basePath: hubspotUrl });
    const code = String(request.query.code);
    const redirectUri = `${publicUrl}/callback`;
    const { tokensApi } = client.oauth;
    const tokens = await tokensApi.create('authorization_code', code, redirectUri, clientId, clientSecret);
    client.setAccessToken(tokens.accessToken);
    const details = await client.apiRequest({ path: '/account-info/v3/details' });
    const { portalId } = (await details.json()) as { portalId: number };
    clients.set(portalId, client);
    response.send(`Connected to ${portalId}`);
  });
  app.post('/webhooks', express.text({ type: 'application/json' }), async (request, response) => {
    const signed = {
      signatureVersion: 'v3',
      signature: request.get('X-HubSpot-Signature-v3') ?? '',
      timestamp: Number(request.get('X-HubSpot-Request-Timestamp')),
      method: 'POST',
      url: `${publicUrl}/webhooks`,
      requestBody: request.body,
      clientSecret,
    };
    if (!Signature.isValid(signed)) return void response.sendStatus(401);
    const events = (JSON.parse(request.body) as Event[]).filter((one) => one.subscriptionType === 'ticket.creation');
    await Promise.all(events.map(raise));
    response.sendStatus(204);
  });
  return app;
}
