import type { RowKey } from '@millrace/arrow';

/** A map of JavaScript takes 16,777,216 entries; another one is begun well before. */
const MAP_ENTRIES = 1 << 23;

/** Where the row with a key is, for any number of keys. */
export class KeyIndex {
  readonly #maps: Map<RowKey, number>[] = [new Map()];

  get isEmpty(): boolean {
    return this.#maps[0]?.size === 0;
  }

  get(key: RowKey): number | undefined {
    for (const map of this.#maps) {
      const place = map.get(key);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  set(key: RowKey, place: number): void {
    const holder = this.#maps.length === 1 ? undefined : this.#maps.find((map) => map.has(key));
    const last = this.#maps.at(-1);
    if (holder) holder.set(key, place);
    else if (last && (last.size < MAP_ENTRIES || last.has(key))) last.set(key, place);
    else this.#maps.push(new Map([[key, place]]));
  }
}
