import type { CatalogSnapshot, Relation, SystemRow } from '../../catalog/index.ts';
import type { BackfillInputStatus, Cluster } from '../../cluster/index.ts';
import type { Creation, DefinitionTurns } from './definition-turns.ts';
import { relationId } from './relation-jobs.ts';

interface BackfillSources {
  readonly cluster: Pick<Cluster, 'monitor'>;
  readonly turns: DefinitionTurns;
  readonly snapshot: CatalogSnapshot;
}

const PERCENT_DIGITS = 10;

/** What is being created and is not there yet, one row an input, or one where no input is read so far. */
export function* backfillRows({ cluster, turns, snapshot }: BackfillSources): Iterable<SystemRow> {
  for (const creation of turns.creations()) {
    if (creation.stage === 'waiting') yield* waitingRows(creation, creation.behind ?? turns.holder);
    for (const relation of creation.relations) yield* rowsOf(relation, creation, { cluster, snapshot });
  }
}

function* waitingRows(creation: Creation, holder: Creation | null): Iterable<SystemRow> {
  const before = holder?.places[0];
  const after = before === undefined ? 'other definitions' : `${before.kind} ${before.name} to be created`;
  for (const place of creation.places) {
    yield { ...shared(place, creation), phase: 'waiting', waits_for: creation.error === null ? after : 'the next attempt' };
  }
}

function* rowsOf(relation: Relation, creation: Creation, { cluster, snapshot }: Omit<BackfillSources, 'turns'>): Iterable<SystemRow> {
  const jobId = relationId(relation);
  const status = cluster.monitor.backfill(jobId);
  const own = {
    ...shared(relation, creation),
    job_id: jobId,
    phase: creation.stage === 'publishing' ? 'publishing' : (status?.phase ?? 'waiting'),
    waits_for: status === null && creation.stage !== 'publishing' ? 'what is created with it' : (status?.waitsFor ?? null),
    epoch: status === null || status.epoch === null ? null : BigInt(status.epoch),
  };
  const nameOf = (id: string): string | null => {
    return (snapshot.relationByStorage(Number(id)) ?? creation.relations.find((one) => relationId(one) === id))?.name ?? null;
  };
  if (status === null || status.inputs.length === 0) yield own;
  for (const input of status?.inputs ?? []) yield { ...own, input: nameOf(input.relation), ...inputColumns(input) };
}

function shared({ schema, name, kind }: Creation['places'][number], { inBackground, startedAtMicros, error }: Creation): SystemRow {
  return { schema_name: schema, name, kind, background: inBackground, started_at: startedAtMicros, error };
}

function inputColumns({ rowsRead, rowsTotal, offsets, resumedAt, kept, share }: BackfillInputStatus): SystemRow {
  return {
    rows_read: BigInt(rowsRead),
    rows_total: rowsTotal === null ? null : BigInt(rowsTotal),
    offsets_read: offsets === null ? null : BigInt(offsets.read),
    offsets_total: offsets === null ? null : BigInt(offsets.total),
    offsets_resumed: resumedAt === null ? null : BigInt(resumedAt),
    offsets_kept: kept === null ? null : BigInt(kept),
    percent: share === null ? null : Math.floor(share * 100 * PERCENT_DIGITS) / PERCENT_DIGITS,
  };
}
