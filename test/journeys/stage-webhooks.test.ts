// Posts to a customer's own server when a ticket reaches a status: signed, at least once, and in nobody's way.
import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { type InstalledPortal, roomyLimits, type System, startSystem } from '../support/system.ts';
import { openTimeline } from '../support/timeline.ts';

type Received = { headers: Record<string, string>; body: string };

describe('a webhook of a status', () => {
  let system: System;
  let acme: InstalledPortal;
  let server: Server;
  let url: string;
  let received: Received[] = [];
  let answer: (res: ServerResponse) => void;

  before(async () => {
    system = await startSystem({ limits: { leaseMs: 1_500 }, emulator: { limits: roomyLimits } });
    acme = await system.install({ portalId: '59000001' });
    server = createServer(async (req, res) => {
      let body = '';
      for await (const chunk of req) body += chunk;
      received.push({ headers: req.headers as Record<string, string>, body });
      answer(res);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/hook`;
  });
  after(async () => {
    await system.stop();
    server.close().closeAllConnections();
  });
  beforeEach(() => {
    received = [];
    answer = (res) => void res.writeHead(204).end();
  });

  const post = (id: string, to = url) => ({ id, kind: 'post-webhook', url: to });
  const note = (id: string) => ({ id, kind: 'add-note', body: `note ${id}` });

  async function makeTicket(actions: object[], portal = acme): Promise<string> {
    await portal.saveSettings({ pipelines: { '0': { stageActions: { '1': actions } } } });
    return portal.portal.createTicket({ pipelineId: '0', stageId: '1', userId: portal.userId }).ticketId;
  }

  async function endsOf(ticketId: string, portal = acme) {
    const records = (await portal.records(ticketId)).filter(({ action }) => action !== null);
    return records.reverse().map(({ action, outcome, error }) => [action?.id, outcome, error]);
  }

  async function makeSecret(): Promise<string> {
    const { body } = await acme.agent.get('/api/settings').expect(200);
    const made = await acme.agent.post('/api/webhook-secret').set('X-CSRF-Token', body.csrfToken).expect(200);
    return made.body.secret;
  }

  it("tells ids and times only, signed with the portal's secret, and during a change with both", async () => {
    const oldSecret = await makeSecret();
    const secret = await makeSecret();
    const ticketId = await makeTicket([post('told')]);
    await system.settled();
    assert.equal(received.length, 1);
    const [{ headers, body }] = received as [Received];
    const enteredAt = new Date(
      acme.portal.ticket(ticketId).stageHistory[0]?.timestamp as string | number,
    ).toISOString();
    const said = new Webhook(secret).verify(body, headers);
    assert.deepEqual(said, {
      type: 'ticket.stage-entered',
      timestamp: enteredAt,
      data: { portalId: acme.id, ticketId, pipelineId: '0', stageId: '1', enteredAt, action: { id: 'told' } },
    });
    assert.deepEqual(new Webhook(oldSecret).verify(body, headers), said);
    assert.equal(headers['webhook-id'], `s:${ticketId}:1:${new Date(enteredAt).getTime()}:told`);
    assert.deepEqual(await endsOf(ticketId), [['told', 'done', null]]);
  });

  it('is posted again under the same id until it is taken, while the other actions are recorded', async () => {
    let times = 0;
    answer = (res) => {
      times += 1;
      res.writeHead(times === 1 ? 503 : 204).end();
    };
    const ticketId = await makeTicket([post('again'), note('b')]);
    await system.settled();
    assert.deepEqual(
      (await endsOf(ticketId)).map(([id, outcome]) => [id, outcome]),
      [
        ['b', 'done'],
        ['again', 'done'],
      ],
    );
    assert.equal(received.length, 2);
    assert.equal(received[0]?.headers['webhook-id'], received[1]?.headers['webhook-id']);
    assert.equal(received[0]?.body, received[1]?.body);
  });

  it('that is refused for good is recorded as failed with what was answered', async () => {
    answer = (res) => void res.writeHead(410).end();
    const gone = await makeTicket([post('gone')]);
    await system.settled();
    answer = (res) => void res.writeHead(302, { location: url }).end();
    const moved = await makeTicket([post('moved')]);
    await system.settled();
    assert.match(String((await endsOf(gone))[0]), /^gone,failed,The receiver answered 410/);
    assert.match(String((await endsOf(moved))[0]), /^moved,failed,The receiver answered 302, a redirect/);
    assert.equal(received.length, 2);
  });

  it('whose receiver is silent delays neither the tickets of another portal nor, for long, its own', async () => {
    const other = await system.install({ portalId: '59000002' });
    const quiet: ServerResponse[] = [];
    answer = (res) => void quiet.push(res);
    await acme.saveSettings({ pipelines: { '0': { stageActions: { '1': [post('silent'), note('after')] } } } });
    const created = { pipelineId: '0', stageId: '1', userId: acme.userId };
    const ticketIds = Array.from({ length: 5 }, () => acme.portal.createTicket(created).ticketId);
    const startedAtMs = performance.now();
    const otherTicketId = await makeTicket([note('quick')], other);
    const timelines = [openTimeline(system, other.id), openTimeline(system, acme.id)] as const;
    try {
      for (;;) {
        if ((await timelines[0].notes(otherTicketId)).length === 1) break;
        assert.ok(performance.now() - startedAtMs < 900, 'the other portal waited for the silent receiver');
      }
      answer = (res) => void res.writeHead(204).end();
      await system.settled();
      for (const ticketId of ticketIds) {
        assert.deepEqual(await timelines[1].notes(ticketId), ['note after']);
        assert.deepEqual((await endsOf(ticketId)).map(([id, outcome]) => [id, outcome]).sort(), [
          ['after', 'done'],
          ['silent', 'done'],
        ]);
      }
      // The first four are posted at a time; once one was not answered in time, no other was tried in that batch.
      assert.ok(quiet.length <= 4, `${quiet.length} posts to a receiver that was silent`);
    } finally {
      for (const timeline of timelines) await timeline.close();
    }
  });
});
