import { SqlError } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { bindQuery, executePlan, findTableFunction, type LogicalPlan, planInputs, type Row, type ScanPlan } from '../../plan/index.ts';
import { parseExpression, parseStatement, type Query, quoteRelation, type Span } from '../../sql/index.ts';
import type { Datum, RowDatum } from '../../types/index.ts';
import { runSql } from './run-sql.ts';
import type { TestDatabase } from './test-database.ts';

/** A part of a view or sink, and whether any row of a test got there. */
export interface CoveredPart {
  readonly relation: string;
  /** `rows`: the view held one; `window`: a row fell into one; `branch`: a row took it. */
  readonly kind: 'rows' | 'window' | 'branch';
  /** What it is, as SQL; empty for `rows`. */
  readonly text: string;
  readonly reached: boolean;
}

export type Coverage = readonly CoveredPart[];

/** Parts of several files' coverages: reached where any of them reached it. */
export function mergeCoverage(coverages: readonly Coverage[]): Coverage {
  const merged = new Map<string, CoveredPart>();
  for (const part of coverages.flat()) {
    const key = `${part.relation}\n${part.kind}\n${part.text}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? part : { ...known, reached: known.reached || part.reached });
  }
  return [...merged.values()];
}

interface Probe {
  readonly relation: Relation;
  readonly query: Query;
  readonly branches: readonly { readonly span: Span; readonly branch: number; readonly text: string }[];
}

/**
 * Finds out what the inputs of a test reach: after each step, the query of every view and sink is evaluated as it is written by the reference executor,
 * which tells the branches it takes. What runs in the engine is optimised and knows no branches any more.
 */
export class CoverageProbe {
  readonly #database: TestDatabase;
  readonly #probes = new Map<string, Probe>();
  readonly #parts = new Map<string, CoveredPart>();

  constructor(database: TestDatabase) {
    this.#database = database;
  }

  reached(): Coverage {
    return [...this.#parts.values()];
  }

  async look(): Promise<void> {
    if (this.#database.session.transactionStatus !== 'I') return;
    for (const relation of this.#database.engine.snapshot.relations()) {
      if (relation.query === null) continue;
      await this.#probe(relation);
    }
  }

  async #probe(relation: Relation): Promise<void> {
    const probe = this.#probeOf(relation);
    const taken = new Set<string>();
    const { plan } = bindQuery(probe.query, this.#bindContext(taken));
    let rows = 0;
    try {
      rows = await this.#count(plan, taken);
    } catch (error) {
      // A row without an answer is the view's on_row_error to deal with; what was reached until then counts.
      if (!(error instanceof SqlError)) throw error;
    }
    this.#note(relation, 'rows', '', rows > 0);
    for (const { span, branch, text } of probe.branches) this.#note(relation, 'branch', text, taken.has(branchKey(span, branch)));
    for (const window of windowsOf(plan)) this.#note(relation, 'window', windowText(window), (await this.#count(window, taken)) > 0);
  }

  #note(relation: Relation, kind: CoveredPart['kind'], text: string, reached: boolean): void {
    const name = relation.schema === 'public' ? relation.name : `${relation.schema}.${relation.name}`;
    const key = `${name}\n${kind}\n${text}`;
    this.#parts.set(key, { relation: name, kind, text, reached: reached || this.#parts.get(key)?.reached === true });
  }

  #probeOf(relation: Relation): Probe {
    const text = relation.query!;
    const key = `${relation.oid}\n${text}`;
    let probe = this.#probes.get(key);
    if (probe === undefined) {
      const query = parseStatement(text) as Query;
      probe = { relation, query, branches: branchesOf(query, text) };
      this.#probes.set(key, probe);
    }
    return probe;
  }

  async #count(plan: LogicalPlan, taken: Set<string>): Promise<number> {
    const { registries } = this.#database.engine;
    let count = 0;
    const pieces = executePlan(plan, {
      functions: registries.lookup,
      aggregates: registries.aggregates,
      evaluation: this.#evaluation(taken),
      tableFunction: (name, types) => findTableFunction(registries.functions, name, types)!,
      scan: (scan) => this.#scan(scan),
    });
    for await (const rows of pieces) count += rows.length;
    return count;
  }

  async *#scan(scan: ScanPlan): AsyncGenerator<readonly Row[]> {
    const name = quoteRelation(scan.relation);
    const from = scan.variant === 'rows' ? name : `${scan.variant}_rows('${name.replaceAll("'", "''")}')`;
    const rows: Row[] = [];
    await runSql(this.#database, `SELECT * FROM ${from}`, async (result) => {
      if (result.kind !== 'rows') return;
      for await (const batch of result.batches)
        rowsOf(batch).forEach((row, index) => {
          const paths = scan.paths.map((path) => valueAt(row, path));
          for (let copy = batch.weights === null ? 1 : batch.weights[index]!; copy > 0; copy--) rows.push(paths);
        });
    });
    yield rows;
  }

  #evaluation(taken: Set<string>) {
    return {
      nowMicros: this.#database.clock.nowMicros(),
      timeZone: 'UTC',
      branchTaken: (span: Span, branch: number) => void taken.add(branchKey(span, branch)),
    };
  }

  #bindContext(taken: Set<string>): Parameters<typeof bindQuery>[1] {
    const { engine } = this.#database;
    return {
      catalog: engine.snapshot.reader(['public']),
      functions: engine.registries.functions,
      parameterTypes: [],
      evaluation: this.#evaluation(taken),
      parseQuery: (text) => parseStatement(text) as Query,
      parseExpression,
    };
  }
}

function branchKey(span: Span, branch: number): string {
  return `${span.start} ${span.end} ${branch}`;
}

/** The branches of every CASE of a query, ELSE included where it is written. */
function branchesOf(query: Query, text: string): Probe['branches'] {
  const found: { span: Span; branch: number; text: string }[] = [];
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return;
    if (isCase(node)) {
      const shown = (part: Span): string => text.slice(part.start, part.end).replace(/\s+/g, ' ');
      node.branches.forEach((branch, index) =>
        found.push({ span: node.span, branch: index, text: `WHEN ${shown(branch.condition.span)} THEN ${shown(branch.result.span)}` }),
      );
      if (node.otherwise !== null) found.push({ span: node.span, branch: node.branches.length, text: `ELSE ${shown(node.otherwise.span)}` });
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(query);
  return found;
}

interface CaseNode {
  readonly kind: 'case';
  readonly branches: readonly { readonly condition: { readonly span: Span }; readonly result: { readonly span: Span } }[];
  readonly otherwise: { readonly span: Span } | null;
  readonly span: Span;
}

function isCase(node: object): node is CaseNode {
  return 'kind' in node && node.kind === 'case';
}

type WindowPlan = Extract<LogicalPlan, { readonly kind: 'window-assign' }>;

function windowsOf(plan: LogicalPlan): WindowPlan[] {
  const below = planInputs(plan).flatMap(windowsOf);
  return plan.kind === 'window-assign' ? [plan, ...below] : below;
}

function windowText({ window, input, timeColumn }: WindowPlan): string {
  return `${window.kind} on ${input.fields[timeColumn]!.name}`;
}

function valueAt(row: readonly (Datum | null)[], path: readonly number[]): Datum | null {
  let value = row[path[0]!] ?? null;
  for (const field of path.slice(1)) value = value === null ? null : ((value as RowDatum).fields[field] ?? null);
  return value;
}
