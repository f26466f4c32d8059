import type { TestRecord } from './test-topics.ts';

/** One thing that came from outside, in the order it came. */
export type InputStep =
  | { readonly kind: 'topic'; readonly name: string; readonly partitions: number }
  | { readonly kind: 'statement'; readonly sql: string }
  | { readonly kind: 'record'; readonly topic: string; readonly partition: number; readonly record: TestRecord }
  | { readonly kind: 'watermark'; readonly schema: string; readonly relation: string; readonly micros: bigint }
  | { readonly kind: 'clock'; readonly micros: bigint };

export type RecordStep = Extract<InputStep, { readonly kind: 'record' }>;
