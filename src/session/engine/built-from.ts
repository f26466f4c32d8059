import type { CatalogSnapshot, Relation } from '../../catalog/index.ts';
import { hasContent } from './relation-jobs.ts';

/** Where the rows of a relation that is built anew come from, in words, one an input; none where its query reads nothing. */
export function builtFrom(relation: Relation, snapshot: CatalogSnapshot): string[] {
  return relation.dependsOn
    .map((oid) => snapshot.relationByOid(oid))
    .filter((input) => input !== null)
    .flatMap((input): string[] => {
      if (input.kind === 'view') return builtFrom(input, snapshot);
      return [hasContent(input) ? `the rows of ${input.name}` : `${input.name}, read again from its start`];
    });
}
