import { JsonReader } from '../../batch/index.ts';

/** Compares the key columns of JSON objects by their bytes, which is enough to see whether an update has moved a row to another key. */
export class ImageKeys {
  readonly #before: JsonReader;
  readonly #after: JsonReader;
  readonly #width: number;

  constructor(key: readonly string[]) {
    const paths = key.map((name) => [name]);
    this.#before = new JsonReader(paths);
    this.#after = new JsonReader(paths);
    this.#width = key.length;
  }

  /**
   * True when `before` names a value for a key column that `after` has otherwise. A column missing in `before` has not changed. Both are ranges of
   * valid JSON in `data`; what is no object has no key.
   */
  differ(
    data: Uint8Array,
    before: { readonly start: number; readonly end: number },
    after: { readonly start: number; readonly end: number },
  ): boolean {
    if (this.#before.read(data, before.start, before.end) !== null || this.#after.read(data, after.start, after.end) !== null) return false;
    const [old, now] = [this.#before.tokens, this.#after.tokens];
    for (let column = 0; column < this.#width; column++) {
      if (old.starts[column]! < 0) continue;
      const one = data.subarray(old.starts[column]!, old.ends[column]!);
      const other = now.starts[column]! < 0 ? new Uint8Array(0) : data.subarray(now.starts[column]!, now.ends[column]!);
      if (!sameBytes(one, other)) return true;
    }
    return false;
  }
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
