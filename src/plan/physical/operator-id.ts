import { createHash } from 'node:crypto';

/**
 * Identity of an operator's state: a hash of what it computes (kind, parameters, inputs) and a disambiguator from the catalog, never
 * a position. An unrelated change elsewhere leaves it unchanged; changing the operator's own meaning changes it.
 */
export function operatorId(kind: string, parameters: unknown, inputIds: readonly string[], disambiguator: string): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, parameters, inputIds, disambiguator]))
    .digest('hex')
    .slice(0, 24);
}
