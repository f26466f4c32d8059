import { type JsonScanNode, jsonScanTree } from './json-scan-field.ts';
import { jsonStringBytes, jsonStringEnd, jsonValueEnd, skipJsonSpace } from './json-text.ts';

/** Where the fields of one message lie: field f is the JSON token data[starts[f], ends[f]); start -1 = key missing, -2 = an object around it is null. */
export interface JsonRowTokens {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const MISSING = -1;
const INSIDE_NULL = -2;

/**
 * Reads one message at a time and finds the tokens of the declared fields: the twin of the scan kernel, for messages of any shape. The last
 * of several equal keys wins.
 */
export class JsonReader {
  readonly tokens: JsonRowTokens;
  readonly #root: JsonScanNode;

  constructor(paths: readonly (readonly string[])[]) {
    this.#root = jsonScanTree(paths);
    this.tokens = { starts: new Int32Array(paths.length), ends: new Int32Array(paths.length) };
  }

  /** Fills `tokens` from data[start, end); returns null, or the reason why the message is bad. */
  read(data: Uint8Array, start: number, end: number): string | null {
    this.tokens.starts.fill(MISSING);
    const first = skipJsonSpace(data, start, end);
    const valueEnd = jsonValueEnd(data, first, end);
    if (valueEnd < 0) return syntaxReason(-1 - valueEnd - start, end - start);
    const rest = skipJsonSpace(data, valueEnd, end);
    if (rest !== end) return syntaxReason(rest - start, end - start);
    if (data[first] !== 0x7b) return 'the message is not a JSON object';
    return this.#readObject(data, first, this.#root);
  }

  /** `at` is the opening brace of a valid object. */
  #readObject(data: Uint8Array, at: number, node: JsonScanNode): string | null {
    const { length } = data;
    let position = skipJsonSpace(data, at + 1, length);
    while (data[position] === 0x22) {
      const keyEnd = jsonStringEnd(data, position + 1, length);
      const child = findChild(node, data, { start: position + 1, end: keyEnd });
      const colon = skipJsonSpace(data, keyEnd + 1, length);
      const valueStart = skipJsonSpace(data, colon + 1, length);
      const valueEnd = jsonValueEnd(data, valueStart, length);
      if (child !== undefined) {
        const reason = this.#readValue(data, { start: valueStart, end: valueEnd }, child);
        if (reason !== null) return reason;
      }
      position = skipJsonSpace(data, valueEnd, length);
      if (data[position] !== 0x2c) break;
      position = skipJsonSpace(data, position + 1, length);
    }
    return null;
  }

  #readValue(data: Uint8Array, token: { start: number; end: number }, child: JsonScanNode): string | null {
    const { starts, ends } = this.tokens;
    if (child.field >= 0) {
      starts[child.field] = token.start;
      ends[child.field] = token.end;
    }
    if (child.children.length === 0) return null;
    const isNull = data[token.start] === 0x6e;
    this.#forget(child, isNull ? INSIDE_NULL : MISSING);
    if (isNull) return null;
    if (data[token.start] === 0x7b) return this.#readObject(data, token.start, child);
    return `column "${new TextDecoder().decode(child.key)}": a JSON object is expected`;
  }

  /** An earlier object under the same key is replaced as a whole. */
  #forget(node: JsonScanNode, mark: number): void {
    for (const child of node.children) {
      if (child.field >= 0) this.tokens.starts[child.field] = mark;
      this.#forget(child, mark);
    }
  }
}

function syntaxReason(position: number, length: number): string {
  return position >= length
    ? 'invalid input syntax for type json: the input string ended unexpectedly'
    : `invalid input syntax for type json at byte ${position}`;
}

function findChild(node: JsonScanNode, data: Uint8Array, key: { start: number; end: number }): JsonScanNode | undefined {
  for (const child of node.children) {
    let at = 0;
    while (at < child.key.length && data[key.start + at] === child.key[at]) at++;
    if (at === child.key.length && key.start + at === key.end) return child;
  }
  let firstEscape = key.start;
  while (firstEscape < key.end && data[firstEscape] !== 0x5c) firstEscape++;
  if (firstEscape === key.end || node.children.length === 0) return undefined;
  const bytes = jsonStringBytes(data, key.start, key.end);
  if (typeof bytes === 'string') return undefined;
  return node.children.find((child) => Buffer.compare(child.key, bytes) === 0);
}
