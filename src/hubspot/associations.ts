// Associations by batch read (DATA.md 3.4): every associated id of every input, however labelled.
import { z } from 'zod';
import { chunk, id, optionalId, readAs } from './answers.ts';
import type { ObjectName } from './gateway.ts';
import { batchAnswer, requireOnlyMissing } from './objects.ts';
import { paths } from './paths.ts';
import type { PortalClient } from './portal-client.ts';

const associations = z.object({
  from: z.object({ id }),
  // A contact may carry labels on a ticket: all rows count, whatever their typeId (DATA.md 3.4).
  to: z.array(z.object({ toObjectId: id })),
  paging: z.object({ next: z.object({ after: optionalId }).nullish() }).nullish(),
});

/** An input without associations maps to an empty list, whether HubSpot leaves it out or names it in a 207. */
export async function readAssociations(
  client: PortalClient,
  from: ObjectName,
  to: ObjectName,
  ids: string[],
): Promise<Map<string, string[]>> {
  const found = new Map(ids.map((fromId) => [fromId, new Set<string>()]));
  // 1,000 inputs a call; each input has its own cursor (associations guide, DATA.md 0.7 and 3.4).
  let inputs: { id: string; after?: string }[] = [...found.keys()].map((fromId) => ({ id: fromId }));
  while (inputs.length > 0) {
    const next: typeof inputs = [];
    for (const part of chunk(inputs, 1_000)) {
      const path = paths.associationsRead(from, to);
      const answer = readAs(batchAnswer, await client.read({ method: 'POST', path, body: { inputs: part } }));
      requireOnlyMissing(answer.errors ?? []);
      const cursors = new Map(part.map((input) => [input.id, input.after]));
      for (const row of (answer.results ?? []).map((result) => readAs(associations, result))) {
        const known = found.get(row.from.id);
        for (const each of row.to) known?.add(each.toObjectId);
        const after = row.paging?.next?.after;
        // A cursor that does not move would never end.
        if (known && after && after !== cursors.get(row.from.id)) next.push({ id: row.from.id, after });
      }
    }
    inputs = next;
  }
  return new Map([...found].map(([fromId, toIds]) => [fromId, [...toIds]]));
}
