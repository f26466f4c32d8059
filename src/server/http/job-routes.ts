import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SqlError, SqlState } from '../../base/index.ts';
import type { JobStatus } from '../../cluster/index.ts';
import type { JobControl, JobRequest } from './job-control.ts';
import { jobView } from './json-view.ts';
import type { StatusSource } from './status-source.ts';

export interface JobRoutesParts {
  readonly status: StatusSource;
  readonly control: JobControl;
}

type JobParams = { Params: { job: string } };

const ACTIONS = ['checkpoint', 'savepoint', 'pause', 'resume', 'restart', 'stop', 'cancel'] as const;
type Action = (typeof ACTIONS)[number];

/** Fields a body may have, by action. */
const FIELDS: Readonly<Record<Action | 'rescale', readonly string[]>> = {
  checkpoint: [],
  savepoint: ['directory'],
  pause: [],
  resume: [],
  restart: [],
  cancel: [],
  stop: ['savepoint', 'drain'],
  rescale: ['parallelism'],
};

/** Jobs as JSON, and what can be done to them. A job goes by its id, or by its name where only one has it. */
export function jobRoutes(app: FastifyInstance, { status, control }: JobRoutesParts): void {
  app.get('/api/v1/jobs', async () => ({ jobs: status.jobs().map(jobView) }));
  app.get<JobParams>('/api/v1/jobs/:job', async ({ params }) => jobView(jobOf(params.job, status)));
  app.get<JobParams>('/api/v1/jobs/:job/graph', async ({ params }) => {
    const { jobId } = jobOf(params.job, status);
    const graph = status.jobGraph(jobId);
    if (graph === null) throw noSuchJob(params.job);
    return graph;
  });
  const answer = async (request: FastifyRequest<JobParams>, reply: FastifyReply, wanted: JobRequest): Promise<object> => {
    const { jobId } = jobOf(request.params.job, status);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const { savepoint, notices } = await control.run(jobId, wanted, gone.signal);
    const after = status.jobs().find((job) => job.jobId === jobId);
    // A job that was stopped is not there any more.
    return { job: after === undefined ? null : jobView(after), savepoint, notices };
  };
  for (const action of ACTIONS) {
    app.post<JobParams>(`/api/v1/jobs/:job/${action}`, (request, reply) => answer(request, reply, requestOf(action, request.body)));
  }
  app.post<JobParams>('/api/v1/jobs/:job/rescale', (request, reply) => answer(request, reply, rescaleOf(request.body)));
  app.patch<JobParams>('/api/v1/jobs/:job', (request, reply) => answer(request, reply, rescaleOf(request.body)));
}

function requestOf(action: Action, body: unknown): JobRequest {
  const fields = fieldsOf(action, body);
  switch (action) {
    case 'savepoint':
      return { action, directory: directoryOf('directory', fields.directory) };
    case 'stop':
      return {
        action,
        savepoint: fields.savepoint === undefined ? null : directoryOf('savepoint', fields.savepoint),
        drain: flagOf('drain', fields.drain),
      };
    default:
      return { action };
  }
}

function rescaleOf(body: unknown): JobRequest {
  const { parallelism } = fieldsOf('rescale', body);
  if (parallelism !== null && !(typeof parallelism === 'number' && Number.isSafeInteger(parallelism) && parallelism > 0)) {
    throw badBody('"parallelism" must be a positive integer, or null for as many subtasks as there are slots');
  }
  return { action: 'rescale', parallelism };
}

function directoryOf(field: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw badBody(`"${field}" must be the name of a directory`);
}

function flagOf(field: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw badBody(`"${field}" must be true or false`);
}

/** Errors: 22023 for a body that is no object, and for a field that means nothing here. */
function fieldsOf(action: keyof typeof FIELDS, body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) throw badBody('the body must be a JSON object');
  const known = FIELDS[action];
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw badBody(`"${unknown}" is not a field of ${action}`, known.length === 0 ? 'Send {}.' : `It takes: ${known.join(', ')}.`);
  }
  return body as Readonly<Record<string, unknown>>;
}

function badBody(message: string, hint?: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message, hint });
}

function jobOf(written: string, status: StatusSource): JobStatus {
  const jobs = status.jobs();
  const byId = jobs.find((job) => job.jobId === written);
  if (byId !== undefined) return byId;
  const [first, second] = jobs.filter((job) => job.name === written);
  if (first === undefined) throw noSuchJob(written);
  if (second === undefined) return first;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `several jobs have the name "${written}"`,
    hint: `Use an id: ${first.jobId}, ${second.jobId}.`,
  });
}

function noSuchJob(written: string): SqlError {
  return new SqlError({ code: SqlState.undefinedObject, message: `job "${written}" does not exist`, hint: 'GET /api/v1/jobs lists them.' });
}
