import { type Batch, decodeBatch } from '../../batch/index.ts';
import { rowKeys } from '../consolidate-blocks.ts';
import type { Savepoint } from './savepoint.ts';
import type { SavepointJob, StateFile } from './savepoint-format.ts';

/** Rows of one table that one savepoint has and the other has not, or has otherwise. */
export interface SavepointDifference {
  readonly job: string;
  readonly operator: string;
  readonly table: string;
  readonly onlyInFirst: number;
  readonly onlyInSecond: number;
  readonly changed: number;
}

interface Counts {
  onlyInFirst: number;
  onlyInSecond: number;
  changed: number;
}

/** Values of rows by key, by `operator/table`. */
type TableRows = Map<string, Map<string, string>>;

/** Compares the state of two savepoints, a key group at a time. Empty: it is equal. */
export async function diffSavepoints(first: Savepoint, second: Savepoint): Promise<SavepointDifference[]> {
  const counts = new Map<string, Counts>();
  const filesOf = (savepoint: Savepoint): Map<number, StateFile> => new Map(savepoint.manifest.state.map((file) => [file.keyGroup, file]));
  const [left, right] = [filesOf(first), filesOf(second)];
  for (const keyGroup of new Set([...left.keys(), ...right.keys()])) {
    const [before, after] = [left.get(keyGroup), right.get(keyGroup)];
    if (before !== undefined && before.sha256 === after?.sha256) continue;
    compare(await rowsOf(first, before), await rowsOf(second, after), counts);
  }
  const places = new Map([...placesOf(second.manifest.jobs), ...placesOf(first.manifest.jobs)]);
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([place, found]) => ({ ...places.get(place)!, ...found }));
}

function placesOf(jobs: readonly SavepointJob[]): [string, { readonly job: string; readonly operator: string; readonly table: string }][] {
  return jobs.flatMap((job) =>
    job.operators.flatMap(({ id, kind, tables }) =>
      tables.map((table): [string, { job: string; operator: string; table: string }] => [
        `${id}/${table.name}`,
        { job: job.name, operator: `${kind} ${id}`, table: table.name },
      ]),
    ),
  );
}

async function rowsOf(savepoint: Savepoint, file: StateFile | undefined): Promise<TableRows> {
  const tables: TableRows = new Map();
  if (file === undefined) return tables;
  for await (const block of savepoint.blocks(file)) {
    const place = `${block.operatorId}/${block.table}`;
    const rows = tables.get(place) ?? new Map<string, string>();
    tables.set(place, rows);
    addRows(rows, decodeBatch(block.upserts), decodeBatch(block.deletes).columns.length);
  }
  return tables;
}

function addRows(rows: Map<string, string>, batch: Batch, keyCount: number): void {
  const keys = rowKeys(batch, keyCount);
  const whole = rowKeys(batch, batch.columns.length);
  keys.forEach((key, row) => {
    rows.set(key, whole[row]!);
  });
}

function compare(first: TableRows, second: TableRows, counts: Map<string, Counts>): void {
  for (const place of new Set([...first.keys(), ...second.keys()])) {
    const [left, right] = [first.get(place) ?? new Map<string, string>(), second.get(place) ?? new Map<string, string>()];
    const found = counts.get(place) ?? { onlyInFirst: 0, onlyInSecond: 0, changed: 0 };
    for (const [key, value] of left) {
      if (!right.has(key)) found.onlyInFirst++;
      else if (right.get(key) !== value) found.changed++;
    }
    for (const key of right.keys()) if (!left.has(key)) found.onlyInSecond++;
    if (found.onlyInFirst + found.onlyInSecond + found.changed > 0) counts.set(place, found);
  }
}
