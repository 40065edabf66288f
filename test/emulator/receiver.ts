// A server of the test's own that takes deliveries, keeps them, and answers as it is told.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Json } from './rig.ts';

export type Delivery = { raw: string; events: Json[]; headers: Record<string, string>; at: number };
export type Answering = (delivery: Delivery, count: number) => number | Promise<number>;

export async function createReceiver(t: TestContext, answering: Answering = () => 204) {
  const deliveries: Delivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const headers = request.headers as Record<string, string>;
      const delivery = { raw, events: JSON.parse(raw) as Json[], headers, at: Date.now() };
      deliveries.push(delivery);
      response.statusCode = await answering(delivery, deliveries.length);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/hubspot`;
  return { deliveries, url, events: () => deliveries.flatMap((delivery) => delivery.events) };
}
