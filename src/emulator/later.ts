// What the portal does by itself once its time has come: kept in the state, done by the clock, also after a restart.
import type { Clock } from './clock.ts';
import { performLater } from './portal-control.ts';
import type { LaterTask } from './state.ts';
import type { Webhooks } from './webhooks.ts';
import type { World } from './world.ts';

export function createLater(world: World, clock: Clock, webhooks: Webhooks, save: () => Promise<void>) {
  const waiting = new Set<() => void>();

  function perform(task: LaterTask): void {
    const { state } = world;
    if (!state.later.includes(task)) return;
    if (task.kind === 'queue-event') webhooks.queueEvent(task.event);
    else performLater(world, task);
    state.later = state.later.filter((other) => other !== task);
    void save();
    webhooks.wakeIdlers();
  }

  function schedule(task: LaterTask): void {
    const cancel = clock.at(task.dueAt, () => {
      waiting.delete(cancel);
      perform(task);
    });
    waiting.add(cancel);
  }

  return {
    add(task: LaterTask): void {
      world.state.later.push(task);
      schedule(task);
    },
    resume: () => world.state.later.forEach(schedule),
    stop(): void {
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}

export type Later = ReturnType<typeof createLater>;
