import type { SqlError } from '../../base/index.ts';
import { batchFromRows } from '../../batch/index.ts';
import { type CompiledRecognition, type Finding, MatchRows, type PartitionRecognizer, type Row, shownColumns } from '../../pattern/index.ts';
import type { RowError } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { rowText } from '../shared/index.ts';

/** Output of a search: rows, and what could not be computed. */
export class FoundRows {
  readonly rows: Row[] = [];
  readonly errors: RowError[] = [];
}

/** Runs searches and makes rows of what they find. An attempt or a measure that fails leaves its match out and is reported with the first row of it. */
export class FindingRows {
  readonly #compiled: CompiledRecognition;
  readonly #inputTypes: readonly SqlType[];
  readonly #shown: MatchRows;
  readonly outputTypes: readonly SqlType[];

  constructor(compiled: CompiledRecognition, inputTypes: readonly SqlType[]) {
    this.#compiled = compiled;
    this.#inputTypes = inputTypes;
    this.#shown = new MatchRows(compiled);
    const { before, after } = shownColumns(compiled);
    const typesOf = (columns: readonly number[]): SqlType[] => columns.map((column) => inputTypes[column]!);
    this.outputTypes = [...typesOf(before), ...compiled.recognition.measures.map((measure) => measure.expression.type), ...typesOf(after)];
  }

  /** Goes on with a search as far as it comes. */
  collect(recognizer: PartitionRecognizer, reachedMicros: bigint | null, found: FoundRows): void {
    for (;;) {
      const finding = recognizer.next(reachedMicros);
      if (finding.kind === 'waiting' || finding.kind === 'paused') return;
      this.#add(finding, recognizer, found);
    }
  }

  #add(finding: Finding, { rows }: PartitionRecognizer, found: FoundRows): void {
    if (finding.kind === 'unmatched') found.rows.push(this.#shown.ofUnmatched(finding.position, rows));
    else if (finding.kind === 'error') found.errors.push(this.#failure(finding.error, rows.at(finding.position)!));
    else if (finding.kind === 'match') {
      const result = this.#shown.ofMatch(finding.match, rows);
      if (result.kind === 'rows') for (const row of result.rows) found.rows.push(row);
      else found.errors.push(this.#failure(result.error, rows.at(finding.match.start)!));
    }
  }

  #failure(error: SqlError, row: Row): RowError {
    const names = this.#compiled.recognition.variables.join(', ');
    return { error, expression: `MATCH_RECOGNIZE of ${names}`, row: rowText(batchFromRows(this.#inputTypes, [row]), 0), weight: 1 };
  }
}
