/**
 * How the scan treats a field. `text`: JSON strings become views of the message. `raw`: the value is only checked to be valid JSON and
 * reported as deferred. The others are converted when they have the plain form and deferred when not.
 */
export type JsonScanKind = 'int8' | 'int4' | 'int2' | 'float8' | 'float4' | 'bool' | 'text' | 'timestamp' | 'date' | 'raw';

/** What the caller needs of a field. Whatever it is, a value of another form than the field's kind makes the row slow or is deferred. */
type JsonScanOutput = 'values' | 'presence' | 'nothing';

/** One column: the keys that lead to it from the message's root. `precision` counts fractional digits of a timestamp. */
export interface JsonScanField {
  readonly path: readonly string[];
  readonly kind: JsonScanKind;
  readonly precision: number;
  /** Default: values. */
  readonly output?: JsonScanOutput;
}

/** A key of the schema tree. A field may have keys below it that are fields too. */
export interface JsonScanNode {
  readonly key: Uint8Array;
  /** Index of the field that is this value, or -1. */
  field: number;
  readonly children: JsonScanNode[];
}

const encoder = new TextEncoder();

/** The tree of keys of all fields; the root stands for the message. Two fields with one path are not allowed. */
export function jsonScanTree(paths: readonly (readonly string[])[]): JsonScanNode {
  const root: JsonScanNode = { key: new Uint8Array(0), field: -1, children: [] };
  for (let field = 0; field < paths.length; field++) {
    let node = root;
    for (const key of paths[field]!) {
      const bytes = encoder.encode(key);
      let child = node.children.find((candidate) => Buffer.compare(candidate.key, bytes) === 0);
      if (child === undefined) {
        child = { key: bytes, field: -1, children: [] };
        node.children.push(child);
      }
      node = child;
    }
    if (node.field >= 0 || node === root) throw new Error(`assertion failed: two JSON fields with path ${paths[field]!.join('.')}`);
    node.field = field;
  }
  return root;
}
