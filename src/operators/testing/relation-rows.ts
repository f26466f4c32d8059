import type { Random } from '../../base/index.ts';
import type { RelationScan } from '../../spi/index.ts';
import { type OperatorHarness, type Row, RowSet } from './operator-harness.ts';

/** Rows that are there once each, as RowSet shows them. */
export function linesOf(rows: Iterable<Row>): string[] {
  const result = new RowSet();
  for (const row of rows) result.add(row, 1);
  return result.lines();
}

/** What the relation `r` of a harness holds at an epoch: its first three columns unless the request says otherwise. */
export function scan(harness: OperatorHarness, epoch: number, request: Partial<RelationScan> = {}): string[] {
  const result = new RowSet();
  const batches = harness.observed.relations.get('r')!.scan(epoch, { columns: [0, 1, 2], ...request });
  for (let next = batches.next(); !next.done; next = batches.next()) result.addBatch(next.value);
  return result.lines();
}

/** Fewer than `countMax` changes of so many keys by key alone, as an upsert source sends them; `content` takes part in them. */
export function randomUpserts(
  random: Random,
  content: Map<string, Row>,
  { countMax, keys }: { readonly countMax: number; readonly keys: number },
): { readonly rows: Row[]; readonly weights: number[] } {
  const rows: Row[] = [];
  const weights: number[] = [];
  for (let change = random.nextInt(countMax); change > 0; change--) {
    const key = `k${random.nextInt(keys)}`;
    const gone = random.nextInt(3) === 0;
    rows.push(gone ? [key, null, null] : [key, BigInt(random.nextInt(3)), null]);
    weights.push(gone ? -1 : 1);
    if (gone) content.delete(key);
    else content.set(key, rows.at(-1)!);
  }
  return { rows, weights };
}
