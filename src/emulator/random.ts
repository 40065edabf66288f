// Seeded randomness, so that a run with duplicates and disorder can be repeated.

/** mulberry32: numbers in [0, 1), the same row for the same seed. */
export function createRandom(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A row that can begin again. */
export function createRepeatableRandom(seed: number) {
  let draw = createRandom(seed);
  return {
    next: () => draw(),
    reset(): void {
      draw = createRandom(seed);
    },
  };
}

/** For webhooks: a row each, so that what comes of one draw never hangs on when another was made. */
export function createStreams(seed: number) {
  // Streams of neighbouring seeds must not meet: 7,919 is a prime.
  const stream = (number: number) => createRandom(seed * 7_919 + number);
  return { ids: stream(1), mishaps: stream(2), order: stream(3), retries: stream(4) };
}

export type Streams = ReturnType<typeof createStreams>;

/** A new order of the list (Fisher-Yates); the list itself stays. */
export function shuffle<T>(list: readonly T[], random: () => number): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const a = result[i] as T;
    result[i] = result[j] as T;
    result[j] = a;
  }
  return result;
}
