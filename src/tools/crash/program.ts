import type { CrashRow } from './crash-row.ts';

/** What a program's objects are called, and where its data is. */
export interface Names {
  /** Part of every name. */
  readonly suffix: number;
  readonly servers: string;
  readonly inputTopic: string;
  readonly outputTopic: string;
  readonly folder: string;
}

/** Everything that went in. */
export interface Given {
  readonly rows: readonly CrashRow[];
  /** Rows of table `t`: id → v. */
  readonly table: ReadonlyMap<number, number>;
  /** By account tables and ids: `a1 0` → n. */
  readonly accounts: ReadonlyMap<string, number>;
}

/** Where the answer stands: in a relation, in the records of a topic, in the newest record of each key, in lines of files. */
export type Answer = { readonly kind: 'query'; readonly sql: string } | { readonly kind: 'records' | 'newest records' | 'lines' };

/** A small pipeline, and what it has to come to. Every statement may be made again, since nobody knows what came of one in a crash. */
export interface Program {
  readonly name: string;
  /** Views and sinks, named by kind; `s` and `t` stand for stream and table. In order. */
  define(names: Names): readonly { readonly kind: 'MATERIALIZED VIEW' | 'SINK'; readonly name: string; readonly rest: string }[];
  /** How table `t` is written to meanwhile: rows 0 to 6 change, or rows 0 to 19 come and go. Or several clients move amounts between the accounts of `a` and `b`. */
  readonly table: 'none' | 'changes' | 'comes and goes' | 'accounts';
  readonly answer: (names: Names) => Answer;
  /** A number that no reader may see get smaller, whatever happens. */
  readonly rising: ((names: Names) => string) | null;
  /** Lines, in any order. */
  expected(given: Given): string[];
}
