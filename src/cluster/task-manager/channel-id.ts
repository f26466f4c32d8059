import { assert } from '../../base/index.ts';

/** The attempt a channel belongs to: its id begins with `<job>#<attempt>/` (job-manager/job-topology.ts). */
export function parseChannel(id: string): { readonly jobId: string; readonly attempt: number } {
  const parts = /^(.*)#(\d+)\/[^/]*$/s.exec(id);
  assert(parts !== null, `"${id}" is no channel`);
  return { jobId: parts[1]!, attempt: Number(parts[2]) };
}
