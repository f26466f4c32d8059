import type { QualifiedName, Span } from './identifier.ts';

/** `WITH (connector = 'kafka', properties.bootstrap.servers = '…', 'scan.startup.mode' = '…', partitions = 4)`. */
export interface WithOption {
  readonly kind: 'with-option';
  /** The key as written, dots included, quotes removed, case kept. */
  readonly key: string;
  readonly keySpan: Span;
  readonly value: OptionValue;
  readonly span: Span;
}

/**
 * The value of an option. `text` is what a consumer of strings wants: the contents of a string, the spelling of a number or word
 * (`true`, `earliest-offset`), and `true` for an option without a value.
 */
export interface OptionValue {
  readonly kind: 'option-value';
  readonly form: 'string' | 'number' | 'word' | 'secret' | 'list' | 'absent';
  readonly text: string;
  readonly span: Span;
}

/** `FORMAT UPSERT ENCODE AVRO (schema.registry = '…')`. Names in upper case as written. */
export interface FormatClause {
  readonly kind: 'format';
  readonly format: string;
  readonly encode: string | null;
  readonly options: readonly WithOption[];
  /** `KEY ENCODE TEXT`; null when absent. */
  readonly keyEncode: string | null;
  readonly span: Span;
}

/** `INCLUDE KEY AS k`, `INCLUDE HEADER 'name' AS h`: a metadata column of RisingWave. */
export interface IncludeClause {
  readonly kind: 'include';
  /** `key`, `timestamp`, `partition`, `offset`, `header`, `payload`, …: lower case. */
  readonly field: string;
  /** The header's name; null for everything else. */
  readonly argument: string | null;
  readonly alias: QualifiedName | null;
  readonly span: Span;
}
