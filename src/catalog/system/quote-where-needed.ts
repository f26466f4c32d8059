import { quoteIdentifier } from '../../sql/index.ts';

/** Quotes where a name would not read back as itself. Keywords are not known here: a name that is one stays bare. */
export function quoteWhereNeeded(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name);
}
