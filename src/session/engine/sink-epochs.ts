import { type CatalogSnapshot, physicalColumn, type Relation, relationKeys } from '../../catalog/index.ts';
import { int8Type } from '../../types/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import type { TableChanges, TableContent } from './table-content.ts';
import { keyText } from './unique-violation.ts';

const SCHEMA = 'fsql_catalog';
const NAME = 'table_sink_epochs';

/**
 * A stored table of the product's own: by the number of a sink's job the newest of its epochs that the sink's table has. It is written in one record with the
 * rows, and part of every checkpoint and savepoint as they are.
 */
export function sinkEpochsDraft(logPosition: number): RelationDraft {
  const column = (name: string): Relation['columns'][number] => ({ ...physicalColumn(name, int8Type), nullable: false });
  return {
    schema: SCHEMA,
    name: NAME,
    kind: 'table',
    columns: [column('sink'), column('epoch')],
    primaryKey: [0],
    uniqueKeys: [[0]],
    watermark: null,
    options: null,
    splits: [{ id: '0', parameters: {}, start: logPosition + 1, end: null }],
    appendOnly: false,
    query: null,
    statement: '',
    dependsOn: [],
    comment: null,
  };
}

/** Null while there has never been a sink into a table. */
export function sinkEpochs(catalog: CatalogSnapshot): Relation | null {
  return catalog.relation(SCHEMA, NAME);
}

/** The newest epoch that is in the table; 0: none. */
export function epochOf(job: string, content: TableContent): number {
  return Number(rowOf(job, content)?.[1] ?? 0);
}

/** Null: the job is not known any more. */
export function epochNoted(job: string, epoch: number | null, content: TableContent): TableChanges {
  const old = rowOf(job, content);
  return { relation: content.relation, removed: old === null ? [] : [old], added: epoch === null ? [] : [[BigInt(job), BigInt(epoch)]] };
}

function rowOf(job: string, content: TableContent): TableChanges['removed'][number] | null {
  const [key] = relationKeys(content.relation);
  return content.holder(0, keyText(content.relation, key!, [BigInt(job), null])!);
}
