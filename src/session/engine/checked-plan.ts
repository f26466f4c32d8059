import type { CatalogSnapshot } from '../../catalog/index.ts';
import type { PhysicalPlan } from '../../plan/index.ts';

/** The plan by which a continuous query was checked, for the job that is started next: the text it is kept as would be planned like this over the same catalog. */
export interface CheckedPlan {
  readonly plan: PhysicalPlan;
  /** What it was made over. */
  readonly catalog: CatalogSnapshot;
}
