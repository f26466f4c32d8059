import type { SqlErrorFields } from '../../base/index.ts';
import type { Json } from '../../jobgraph/index.ts';

/** What somebody asks of a job over HTTP; each is what the statement of its name does. */
export type JobRequest =
  | { readonly action: 'checkpoint' | 'pause' | 'resume' | 'restart' | 'cancel' }
  | { readonly action: 'savepoint'; readonly directory: string }
  /** Ends a sink for good; `savepoint`: the directory of one that is made first, or null; `drain`: its windows close before that. */
  | { readonly action: 'stop'; readonly savepoint: string | null; readonly drain: boolean }
  /** Null: as many subtasks as there are slots. */
  | { readonly action: 'rescale'; readonly parallelism: number | null };

export interface JobOutcome {
  /** Facts of a savepoint that was made. */
  readonly savepoint: Json;
  readonly notices: readonly { readonly severity: string; readonly message: string }[];
}

/** Carries requests out with the permissions of every local user. Throws SqlError. */
export interface JobControl {
  /** `signal`: whoever asked has gone. */
  run(jobId: string, request: JobRequest, signal: AbortSignal): Promise<JobOutcome>;
}

/** HTTP status of an error, by the class of its SQLSTATE. */
export function httpStatusOf({ code }: Pick<SqlErrorFields, 'code'>): number {
  if (code === '42704' || code === '42P01') return 404;
  if (code === '42501') return 403;
  switch (code.slice(0, 2)) {
    case '55':
    case '40':
    case '25':
      return 409;
    case '53':
    case '57':
      return 503;
    case 'XX':
    case '58':
      return 500;
    default:
      return 400;
  }
}
