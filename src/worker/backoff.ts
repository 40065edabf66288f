// When to look again: after a failure with growing gaps over a day, or after a moment when HubSpot's data is not there yet.

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** 14 tries over about a day, as long as HubSpot itself repeats a delivery (PLATFORM.md 2.6). */
const retryDelaysMs = [
  secondMs,
  5 * secondMs,
  15 * secondMs,
  minuteMs,
  2 * minuteMs,
  5 * minuteMs,
  10 * minuteMs,
  20 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
  8 * hourMs,
  8 * hourMs,
];

/** How long to wait after a failed try, up to a fifth more so that failures do not come back together; undefined = that was the last. */
export function nextRetryMs(attempts: number, random: number): number | undefined {
  const delay = retryDelaysMs[attempts];
  return delay === undefined ? undefined : delay * (1 + random / 5);
}

/**
 * Ages at which to look again for a fact that may still come: HubSpot makes a ticket some seconds after a thread's first message,
 * and a message readable some seconds after its event (PLATFORM.md 2.5). Few, because each look costs calls.
 */
const lookAgesMs = [5 * secondMs, 20 * secondMs, minuteMs];
/** A first message never moves a ticket: one look, so that its record can name the ticket. */
const firstMessageAgesMs = [10 * secondMs];

/** How long to wait for a fact that may still come, by the age of the event; undefined = decide without it. */
export function nextLookMs(ageMs: number, firstMessage: boolean): number | undefined {
  const next = (firstMessage ? firstMessageAgesMs : lookAgesMs).find((age) => ageMs < age);
  return next === undefined ? undefined : next - Math.max(0, ageMs);
}
