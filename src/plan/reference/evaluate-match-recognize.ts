import { type CompiledRecognition, compileRecognition, MatchRows, PartitionRecognizer, rowComparator } from '../../pattern/index.ts';
import { rowKey } from '../../types/index.ts';
import type { MatchRecognizePlan } from '../logical/index.ts';
import { BREATH, limitHeld, PIECE_ROWS, type Pieces, type Steps, sortInSteps } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import type { Row } from './row.ts';

/** Steps of the matcher between two breaths: about a millisecond. */
const BREATH_STEPS = 2_000;

/** MATCH_RECOGNIZE over whole partitions, partitions in order of their first row. Errors: those of conditions and measures. */
export function* evaluateMatchRecognize(plan: MatchRecognizePlan, run: ReferenceRun): Pieces {
  const types = plan.input.fields.map((field) => field.type);
  const input = { ...plan, width: types.length };
  const compiled = compileRecognition(input, run.environment);
  const compare = rowComparator(types, input);
  for (const members of (yield* partitions(plan, run)).values()) yield* matchesOf(yield* sortInSteps(members, compare), compiled);
}

function* partitions(plan: MatchRecognizePlan, run: ReferenceRun): Steps<Map<string, Row[]>> {
  const types = plan.partitionBy.map((column) => plan.input.fields[column]!.type);
  const found = new Map<string, Row[]>();
  let count = 0;
  for (const rows of run.pieces(plan.input)) {
    for (const row of rows) {
      const key = rowKey(
        types,
        plan.partitionBy.map((column) => row[column] ?? null),
      );
      const group = found.get(key);
      if (group === undefined) found.set(key, [row]);
      else group.push(row);
    }
    count += rows.length;
    limitHeld(count, plan.input.fields.length);
    yield BREATH;
  }
  return found;
}

function* matchesOf(rows: readonly Row[], compiled: CompiledRecognition): Pieces {
  const recognizer = new PartitionRecognizer(compiled);
  for (const row of rows) recognizer.rows.append(row);
  recognizer.rows.complete = true;
  const shown = new MatchRows(compiled);
  let piece: Row[] = [];
  for (;;) {
    const finding = recognizer.next(null, BREATH_STEPS);
    if (finding.kind === 'waiting') break;
    if (finding.kind === 'error') throw finding.error;
    if (finding.kind === 'match') {
      const result = shown.ofMatch(finding.match, recognizer.rows);
      if (result.kind === 'error') throw result.error;
      for (const row of result.rows) piece.push(row);
    } else if (finding.kind === 'unmatched') piece.push(shown.ofUnmatched(finding.position, recognizer.rows));
    if (finding.kind !== 'paused' && piece.length < PIECE_ROWS) continue;
    yield piece;
    piece = [];
  }
  yield piece;
}
