import { printBoundExpression } from '../expr/index.ts';
import type { PatternNode, PatternReference, Recognition, RowOrderColumn, ShownRows, SkipTarget } from './recognition.ts';

interface PrintedRecognition {
  readonly recognition: Recognition;
  readonly partitionBy: readonly number[];
  readonly orderBy: readonly RowOrderColumn[];
  /** Names of the input's columns. */
  readonly names: readonly string[];
}

const shownTexts: Readonly<Record<ShownRows, string>> = {
  one: 'one row',
  'all-show-empty': 'all rows',
  'all-omit-empty': 'all rows but empty matches',
  'all-with-unmatched': 'all rows with unmatched ones',
};

/** One line for EXPLAIN: partition, order, pattern, conditions, measures, what is shown and where the search goes on. */
export function printRecognition({ recognition, partitionBy, orderBy, names }: PrintedRecognition): string {
  const columns = [...names, 'classifier()', ...recognition.references.map((reference) => printReference(reference, recognition, names))];
  const keys = orderBy.map((key) => `${names[key.column]}${key.descending ? ' desc' : ''}`);
  const definitions = recognition.definitions.map(
    ({ variable, condition }) => `${recognition.variables[variable]} as ${printBoundExpression(condition, columns)}`,
  );
  const measures = recognition.measures.map(({ name, expression }) => `${name} = ${printBoundExpression(expression, columns)}`);
  return [
    partitionBy.length === 0 ? '' : `partition by ${partitionBy.map((column) => names[column]).join(', ')}`,
    keys.length === 0 ? '' : `order by ${keys.join(', ')}`,
    `pattern (${printPattern(recognition.pattern, recognition)})`,
    recognition.withinMicros === null ? '' : `within ${recognition.withinMicros} us`,
    definitions.length === 0 ? '' : `define ${definitions.join(', ')}`,
    measures.length === 0 ? '' : `measures ${measures.join(', ')}`,
    shownTexts[recognition.shown],
    printSkip(recognition.skip, recognition),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function printSkip(skip: SkipTarget, recognition: Recognition): string {
  switch (skip.kind) {
    case 'past-last-row':
      return 'skip past last row';
    case 'to-next-row':
      return 'skip to next row';
    default:
      return `skip ${skip.kind.replace('-', ' ')} ${symbolName(skip.symbol, recognition)}`;
  }
}

/** Empty for every row. */
function symbolName(symbol: number, { variables, subsets }: Recognition): string {
  return variables[symbol] ?? subsets[symbol - variables.length]?.name ?? '';
}

function printReference(reference: PatternReference, recognition: Recognition, names: readonly string[]): string {
  if (reference.kind === 'match-number') return 'match_number()';
  const symbol = symbolName(reference.symbol, recognition);
  const qualified = [...names, 'classifier()'].map((name) => (symbol === '' ? name : `${symbol}.${name}`));
  const final = reference.final ? 'final ' : '';
  if (reference.kind === 'aggregate') {
    const name = reference.call.signature.slice(0, reference.call.signature.indexOf('('));
    const args = reference.call.args.map((arg) => printBoundExpression(arg, qualified)).join(', ');
    const rows = args === '' ? (symbol === '' ? '*' : `${symbol}.*`) : args;
    return `${final}${name}(${reference.call.distinct ? 'distinct ' : ''}${rows})`;
  }
  const value = printBoundExpression(reference.value, qualified);
  const plain = reference.from === 'last' && reference.offset === 0;
  const offset = reference.offset === 0 ? '' : `, ${reference.offset}`;
  const logical = plain ? `${final}${value}` : `${final}${reference.from}(${value}${offset})`;
  if (reference.shift === 0) return logical;
  return `${reference.shift < 0 ? 'prev' : 'next'}(${logical}${Math.abs(reference.shift) === 1 ? '' : `, ${Math.abs(reference.shift)}`})`;
}

function printPattern(node: PatternNode, recognition: Recognition): string {
  const nested = (part: PatternNode): string => {
    const text = printPattern(part, recognition);
    return part.kind === 'variable' || part.kind === 'permutation' || part.kind === 'exclusion' || part.kind === 'anchor' ? text : `(${text})`;
  };
  switch (node.kind) {
    case 'variable':
      return recognition.variables[node.variable]!;
    case 'sequence':
      return node.parts.map((part) => (part.kind === 'repetition' ? printPattern(part, recognition) : nested(part))).join(' ');
    case 'alternation':
      return node.parts.map((part) => (part.kind === 'alternation' ? nested(part) : printPattern(part, recognition))).join(' | ');
    case 'repetition':
      return `${nested(node.pattern)}${printTimes(node.minimum, node.maximum)}${node.greedy ? '' : '?'}`;
    case 'permutation':
      return `permute(${node.parts.map((part) => printPattern(part, recognition)).join(', ')})`;
    case 'exclusion':
      return `{- ${printPattern(node.pattern, recognition)} -}`;
    case 'anchor':
      return node.at === 'start' ? '^' : '$';
  }
}

function printTimes(minimum: number, maximum: number | null): string {
  if (maximum === null && minimum <= 1) return minimum === 0 ? '*' : '+';
  if (minimum === 0 && maximum === 1) return '?';
  if (minimum === maximum) return `{${minimum}}`;
  return `{${minimum},${maximum ?? ''}}`;
}
