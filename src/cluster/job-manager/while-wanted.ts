import { type SqlError, toSqlError } from '../../base/index.ts';

/** Does `work`, which `abandon` makes reject once the signal is aborted. Errors: the signal's reason when it is aborted already. */
export async function whileWanted<Result>(
  signal: AbortSignal | undefined,
  { work, abandon }: { readonly work: () => Promise<Result>; readonly abandon: (reason: SqlError) => void },
): Promise<Result> {
  signal?.throwIfAborted();
  const aborted = (): void => abandon(toSqlError(signal?.reason));
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await work();
  } finally {
    signal?.removeEventListener('abort', aborted);
  }
}
