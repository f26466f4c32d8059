import type { CatalogSnapshot } from '../../catalog/index.ts';
import type { Cluster, JobStatus } from '../../cluster/index.ts';
import { relationId } from './relation-jobs.ts';

/** The jobs by the names their relations have now: renaming leaves a running job alone, whose graph has the name it began with. */
export function namedJobs({ cluster, snapshot }: { readonly cluster: Cluster; readonly snapshot: CatalogSnapshot }): readonly JobStatus[] {
  const names = new Map([...snapshot.userRelations()].map((relation) => [relationId(relation), relation.name]));
  return cluster.jobs().map((job) => ({ ...job, name: names.get(job.jobId) ?? job.name }));
}
