// A list kept in order of two numbers, so that a page of it is found without sorting or walking all of it.

type Key = readonly [first: number, second: number];

function compare(a: Key, b: Key): number {
  return a[0] - b[0] || a[1] - b[1];
}

type Entry<T> = { key: Key; value: T };

export class SortedList<T extends object> {
  readonly #entries: Entry<T>[];
  readonly #keys = new Map<T, Key>();
  readonly #keyOf: (value: T) => Key;

  constructor(values: T[], keyOf: (value: T) => Key) {
    this.#keyOf = keyOf;
    this.#entries = values.map((value) => ({ key: keyOf(value), value })).sort((a, b) => compare(a.key, b.key));
    for (const { key, value } of this.#entries) this.#keys.set(value, key);
  }

  /** The place of the first entry behind a key. */
  #placeAfter(key: Key): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry && compare(entry.key, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds a value, or moves it where its key belongs now. */
  put(value: T): void {
    const key = this.#keyOf(value);
    const known = this.#keys.get(value);
    if (known && compare(known, key) === 0) return;
    if (known) this.remove(value);
    this.#entries.splice(this.#placeAfter(key), 0, { key, value });
    this.#keys.set(value, key);
  }

  remove(value: T): void {
    const key = this.#keys.get(value);
    if (!key) return;
    this.#keys.delete(value);
    let place = this.#placeAfter(key) - 1;
    while (place >= 0 && this.#entries[place]?.value !== value) place -= 1;
    if (place >= 0) this.#entries.splice(place, 1);
  }

  /** The values behind a key, in order; valid until the list changes. */
  *after(key: Key): Generator<T> {
    for (let place = this.#placeAfter(key); place < this.#entries.length; place += 1)
      yield (this.#entries[place] as Entry<T>).value;
  }
}
