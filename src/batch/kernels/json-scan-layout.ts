import type { JsonScanField, JsonScanKind, JsonScanNode } from './json-scan-field.ts';
import { jsonScanTree } from './json-scan-field.ts';

/*
 * Memory of one scan, as assembly/json-scan.ts reads it:
 *   configuration (48 bytes) | nodes, children, key texts, learned keys | container stack | work area
 * The work area is laid out anew for each batch:
 *   message starts, ends, slow rows, deferred values | validity nobody asked for | columns | texts | window of source text
 */
export const CONFIG_BYTES = 48;
const NODE_BYTES = 16;
const CHILD_BYTES = 36;
const LEARNED_BYTES = 96 * 64;
const STACK_LEVELS = 65_536;
/** The kernel may look this far past the end of the source, and write this far past the end of the texts. */
const SOURCE_SLACK = 64;
const COPY_SLACK = 16;

const KIND_CODE: Record<JsonScanKind, number> = {
  int8: 1,
  int4: 2,
  int2: 3,
  float8: 4,
  float4: 5,
  bool: 6,
  text: 7,
  timestamp: 8,
  date: 9,
  raw: 10,
};
const KIND_OBJECT = 11;

/**
 * Where the parts of one batch lie. `columns[f]` are the addresses of field f; all that the caller takes away lies in [columnsStart, text)
 * and behind it the texts. `cleared` is where the part begins, up to the texts, that has to be zero before the scan.
 */
export interface BatchLayout {
  readonly starts: number;
  readonly ends: number;
  readonly slow: number;
  readonly deferred: number;
  readonly deferredMax: number;
  readonly cleared: number;
  readonly columns: readonly { readonly slots: number; readonly ends: number; readonly valid: number }[];
  readonly columnsStart: number;
  readonly text: number;
  readonly source: number;
  readonly end: number;
}

/** Places the schema and batches in kernel memory. */
export class JsonScanLayout {
  readonly config: number;
  readonly root: number;
  readonly stack: number;
  readonly stackLevels = STACK_LEVELS;
  /** Zeros that have to follow the source text. */
  readonly sourceSlack = SOURCE_SLACK;
  readonly #fields: readonly JsonScanField[];
  readonly #tree: JsonScanNode;
  readonly #workStart: number;
  readonly #schema: Uint8Array;
  readonly #children: { readonly at: number; readonly field: number }[] = [];
  #next: number;

  constructor(fields: readonly JsonScanField[], heapBase: number) {
    this.#fields = fields;
    this.#tree = jsonScanTree(fields.map((field) => field.path));
    this.config = align8(heapBase);
    this.#next = this.config + CONFIG_BYTES;
    const schemaBytes = align8(this.#sizeOf(this.#tree));
    this.#schema = new Uint8Array(schemaBytes);
    this.root = this.#place(this.#tree);
    this.stack = this.config + CONFIG_BYTES + schemaBytes;
    this.#workStart = this.stack + STACK_LEVELS;
  }

  /** Writes the schema once, into memory that reaches at least to the end of any batch. */
  writeSchema(memory: Uint8Array): void {
    memory.set(this.#schema, this.config + CONFIG_BYTES);
  }

  /** Addresses for `rows` messages, read through a window of `windowBytes`, with at most `textBytes` of text in columns. */
  batch(rows: number, windowBytes: number, textBytes: number): BatchLayout {
    let at = this.#workStart;
    const take = (bytes: number): number => {
      const taken = at;
      at = align8(at + bytes);
      return taken;
    };
    const starts = take(rows * 4);
    const ends = take(rows * 4);
    const slow = take(rows * 4);
    const deferredMax = rows * this.#fields.length;
    const deferred = take(deferredMax * 16);
    // Values nobody asks for are all written to one place, which stays in the cache.
    const unread = take(rows * 8);
    const cleared = take(rows * (this.#children.length - this.#fields.length));
    this.#objectValid = cleared;
    const hidden = this.#fields.map((field) => (outputOf(field) === 'nothing' ? take(rows) : 0));
    const columnsStart = at;
    const columns = this.#fields.map((field, index) => {
      const isText = field.kind === 'text';
      const valid = outputOf(field) === 'nothing' ? hidden[index]! : take(rows);
      if (outputOf(field) !== 'values') return { slots: isText ? 0 : unread, ends: 0, valid };
      return { slots: field.kind === 'raw' ? at : take(rows * (isText ? 4 : 8)), ends: isText ? take(rows * 4) : at, valid };
    });
    const text = take(textBytes + COPY_SLACK);
    const source = take(windowBytes + SOURCE_SLACK);
    return { starts, ends, slow, deferred, deferredMax, cleared, columns, columnsStart, text, source, end: at };
  }

  /** Points the schema's children at the columns of a batch. */
  writeColumns(words: Int32Array, batch: BatchLayout, rows: number): void {
    let objectValid = this.#objectValid;
    for (const { at, field } of this.#children) {
      const word = at >> 2;
      if (field < 0) {
        words[word + 6] = objectValid;
        objectValid += rows;
        continue;
      }
      const column = batch.columns[field]!;
      words[word + 4] = column.slots;
      words[word + 5] = column.ends;
      words[word + 6] = column.valid;
    }
  }

  #objectValid = 0;

  #sizeOf(node: JsonScanNode): number {
    let size = NODE_BYTES + LEARNED_BYTES + align8(node.children.length * CHILD_BYTES);
    for (const child of node.children) {
      size += align8(child.key.length);
      if (child.children.length > 0) size += this.#sizeOf(child);
    }
    return size;
  }

  #take(bytes: number): number {
    const taken = this.#next;
    this.#next = align8(taken + bytes);
    return taken;
  }

  #place(node: JsonScanNode): number {
    const words = new Int32Array(this.#schema.buffer);
    const base = this.config + CONFIG_BYTES;
    const at = this.#take(NODE_BYTES);
    const children = this.#take(node.children.length * CHILD_BYTES);
    const learned = this.#take(LEARNED_BYTES);
    words.set([node.children.length, children, 0, learned], (at - base) >> 2);
    for (let index = 0; index < node.children.length; index++) {
      const child = node.children[index]!;
      const key = this.#take(child.key.length);
      this.#schema.set(child.key, key - base);
      const isObject = child.children.length > 0;
      const field = child.field < 0 ? undefined : this.#fields[child.field];
      const kind = isObject ? KIND_OBJECT : KIND_CODE[field!.kind];
      const childAt = children + index * CHILD_BYTES;
      const nested = isObject ? this.#place(child) : 0;
      words.set([key, child.key.length, kind, field?.precision ?? 0, 0, 0, 0, nested, child.field], (childAt - base) >> 2);
      this.#children.push({ at: childAt, field: child.field });
    }
    return at;
  }
}

function outputOf(field: JsonScanField): NonNullable<JsonScanField['output']> {
  return field.output ?? 'values';
}

function align8(address: number): number {
  return (address + 7) & ~7;
}
