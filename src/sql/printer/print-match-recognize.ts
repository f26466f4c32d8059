import type { MatchRecognize, RowPattern } from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { printExpression, printOrderBy, printPartitionBy } from './print-expression.ts';
import { printIdentifiers } from './print-type.ts';

/** `MATCH_RECOGNIZE (…)`, without the table in front and the alias behind. */
export function printMatchRecognize(item: MatchRecognize): string {
  const measures = item.measures.map((measure) => `${printExpression(measure.expression)} AS ${quoteIfNeeded(measure.name)}`).join(', ');
  const variable = item.afterMatch?.variable ? ` ${quoteIfNeeded(item.afterMatch.variable)}` : '';
  const subsets = item.subsets.map((subset) => `${quoteIfNeeded(subset.name)} = (${printIdentifiers(subset.members)})`).join(', ');
  const definitions = item.definitions.map(({ name, condition }) => `${quoteIfNeeded(name)} AS ${printExpression(condition)}`).join(', ');
  const clauses = [
    printPartitionBy(item.partitionBy),
    printOrderBy(item.orderBy),
    measures === '' ? '' : `MEASURES ${measures}`,
    printRowsPerMatch(item.rowsPerMatch),
    item.afterMatch === null ? '' : `AFTER MATCH SKIP ${item.afterMatch.skip.toUpperCase()}${variable}`,
    `PATTERN (${printPattern(item.pattern)})`,
    item.within === null ? '' : `WITHIN ${printExpression(item.within)}`,
    subsets === '' ? '' : `SUBSET ${subsets}`,
    `DEFINE ${definitions}`,
  ];
  const written = clauses.map((clause) => clause.trim()).filter((clause) => clause !== '');
  return `MATCH_RECOGNIZE (${written.join(' ')})`;
}

function printRowsPerMatch(rows: MatchRecognize['rowsPerMatch']): string {
  switch (rows) {
    case null:
      return '';
    case 'one':
      return 'ONE ROW PER MATCH';
    case 'all':
      return 'ALL ROWS PER MATCH';
    case 'all show empty':
      return 'ALL ROWS PER MATCH SHOW EMPTY MATCHES';
    case 'all omit empty':
      return 'ALL ROWS PER MATCH OMIT EMPTY MATCHES';
    case 'all with unmatched':
      return 'ALL ROWS PER MATCH WITH UNMATCHED ROWS';
  }
}

function printPattern(pattern: RowPattern): string {
  switch (pattern.kind) {
    case 'pattern-variable':
      return quoteIfNeeded(pattern.name);
    case 'pattern-sequence':
      return pattern.parts
        .map((part) => (part.kind === 'pattern-alternation' || part.kind === 'pattern-sequence' ? `(${printPattern(part)})` : printPattern(part)))
        .join(' ');
    case 'pattern-alternation':
      return pattern.parts.map((part) => (part.kind === 'pattern-alternation' ? `(${printPattern(part)})` : printPattern(part))).join(' | ');
    case 'pattern-repetition': {
      const inner = pattern.pattern.kind === 'pattern-variable' ? printPattern(pattern.pattern) : `(${printPattern(pattern.pattern)})`;
      const maximum = pattern.maximum === null ? '' : String(pattern.maximum);
      return `${inner}{${pattern.minimum},${maximum}}${pattern.greedy ? '' : '?'}`;
    }
    case 'pattern-permutation':
      return `PERMUTE(${pattern.parts.map(printPattern).join(', ')})`;
    case 'pattern-exclusion':
      return `{- ${printPattern(pattern.pattern)} -}`;
    case 'pattern-anchor':
      return pattern.at === 'start' ? '^' : '$';
    case 'pattern-empty':
      return '()';
  }
}
