// A list kept in order of two numbers, so that a page of it is found without sorting or walking all of it.

export type Key = readonly [first: number, second: number];

type Entry<T> = { first: number; second: number; value: T };

function compare<T>(a: Entry<T>, b: Entry<T>): number {
  return a.first - b.first || a.second - b.second;
}

export class SortedList<T extends object> {
  readonly #entries: Entry<T>[];
  readonly #known = new Map<T, Entry<T>>();
  readonly #keyOf: (value: T) => Key;

  constructor(values: T[], keyOf: (value: T) => Key) {
    this.#keyOf = keyOf;
    this.#entries = values.map((value) => this.#read(value)).sort(compare);
    for (const entry of this.#entries) this.#known.set(entry.value, entry);
  }

  get size(): number {
    return this.#entries.length;
  }

  #read(value: T): Entry<T> {
    const [first, second] = this.#keyOf(value);
    return { first, second, value };
  }

  /** The place of the first entry behind a key. */
  #placeAfter(first: number, second: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle] as Entry<T>;
      if (entry.first < first || (entry.first === first && entry.second <= second)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds a value, or moves it where its key belongs now. */
  put(value: T): void {
    const entry = this.#read(value);
    const known = this.#known.get(value);
    if (known && compare(known, entry) === 0) return;
    if (known) this.remove(value);
    this.#entries.splice(this.#placeAfter(entry.first, entry.second), 0, entry);
    this.#known.set(value, entry);
  }

  remove(value: T): void {
    const entry = this.#known.get(value);
    if (!entry) return;
    this.#known.delete(value);
    let place = this.#placeAfter(entry.first, entry.second) - 1;
    while (place >= 0 && this.#entries[place] !== entry) place -= 1;
    if (place >= 0) this.#entries.splice(place, 1);
  }

  countAfter([first, second]: Key): number {
    return this.#entries.length - this.#placeAfter(first, second);
  }

  /** Values from the greatest key down, without the first `skip` of them: at most `take`. */
  fromEnd(skip: number, take: number): T[] {
    const end = Math.max(0, this.#entries.length - skip);
    return this.#entries
      .slice(Math.max(0, end - take), end)
      .map(({ value }) => value)
      .reverse();
  }

  /** The values behind a key, in order; valid until the list changes. */
  *after([first, second]: Key): Generator<T> {
    for (let place = this.#placeAfter(first, second); place < this.#entries.length; place += 1)
      yield (this.#entries[place] as Entry<T>).value;
  }
}
