import type { Json } from '../../jobgraph/index.ts';
import type { PatternNode, PatternReference, Recognition, SkipTarget } from '../../pattern/index.ts';
import type { AggregateOverRows } from '../../spi/index.ts';
import { expressionJson, type SpecReader, typeJson } from '../spec/index.ts';

/** A recognition as JSON; everything in it is data. */
export function recognitionJson(recognition: Recognition): Json {
  return {
    variables: recognition.variables,
    subsets: recognition.subsets.map(({ name, members }) => ({ name, members })),
    pattern: patternJson(recognition.pattern),
    references: recognition.references.map(referenceJson),
    definitions: recognition.definitions.map(({ variable, condition }) => ({ variable, condition: expressionJson(condition) })),
    measures: recognition.measures.map(({ name, expression }) => ({ name, expression: expressionJson(expression) })),
    shown: recognition.shown,
    skip: { ...recognition.skip },
    within: recognition.withinMicros === null ? null : String(recognition.withinMicros),
  };
}

export function recognitionFromJson(reader: SpecReader): Recognition {
  return {
    variables: reader.list('variables').map(String),
    subsets: reader.objects('subsets').map((subset) => ({ name: subset.text('name'), members: subset.integers('members') })),
    pattern: patternFromJson(reader.object('pattern')),
    references: reader.objects('references').map(referenceFromJson),
    definitions: reader.objects('definitions').map((one) => ({ variable: one.integer('variable'), condition: one.expression('condition') })),
    measures: reader.objects('measures').map((one) => ({ name: one.text('name'), expression: one.expression('expression') })),
    shown: reader.choice('shown', ['one', 'all-show-empty', 'all-omit-empty', 'all-with-unmatched']),
    skip: skipFromJson(reader.object('skip')),
    withinMicros: reader.nullable('within', reader.bigint),
  };
}

function skipFromJson(reader: SpecReader): SkipTarget {
  const kind = reader.choice('kind', ['past-last-row', 'to-next-row', 'to-first', 'to-last']);
  return kind === 'to-first' || kind === 'to-last' ? { kind, symbol: reader.integer('symbol') } : { kind };
}

function patternJson(node: PatternNode): Json {
  switch (node.kind) {
    case 'variable':
      return { kind: node.kind, variable: node.variable };
    case 'anchor':
      return { kind: node.kind, at: node.at };
    case 'sequence':
    case 'alternation':
    case 'permutation':
      return { kind: node.kind, parts: node.parts.map(patternJson) };
    case 'exclusion':
      return { kind: node.kind, pattern: patternJson(node.pattern) };
    case 'repetition':
      return { kind: node.kind, pattern: patternJson(node.pattern), minimum: node.minimum, maximum: node.maximum, greedy: node.greedy };
  }
}

function patternFromJson(reader: SpecReader): PatternNode {
  const kind = reader.choice('kind', ['variable', 'anchor', 'sequence', 'alternation', 'permutation', 'exclusion', 'repetition']);
  switch (kind) {
    case 'variable':
      return { kind, variable: reader.integer('variable') };
    case 'anchor':
      return { kind, at: reader.choice('at', ['start', 'end']) };
    case 'sequence':
    case 'alternation':
    case 'permutation':
      return { kind, parts: reader.objects('parts').map(patternFromJson) };
    case 'exclusion':
      return { kind, pattern: patternFromJson(reader.object('pattern')) };
    case 'repetition':
      return {
        kind,
        pattern: patternFromJson(reader.object('pattern')),
        minimum: reader.integer('minimum'),
        maximum: reader.nullable('maximum', reader.integer),
        greedy: reader.boolean('greedy'),
      };
  }
}

function referenceJson(reference: PatternReference): Json {
  const type = typeJson(reference.type);
  switch (reference.kind) {
    case 'match-number':
      return { kind: reference.kind, type };
    case 'aggregate': {
      const { kind, symbol, final, call } = reference;
      return { kind, type, symbol, final, call: callJson(call) };
    }
    case 'row-value': {
      const { kind, symbol, final, from, offset, shift, value } = reference;
      return { kind, type, symbol, final, from, offset, shift, value: expressionJson(value) };
    }
  }
}

function referenceFromJson(reader: SpecReader): PatternReference {
  const kind = reader.choice('kind', ['match-number', 'aggregate', 'row-value']);
  const type = reader.type('type');
  if (kind === 'match-number') return { kind, type };
  const rows = { symbol: reader.integer('symbol'), final: reader.boolean('final') };
  if (kind === 'aggregate') return { kind, type, ...rows, call: callFromJson(reader.object('call')) };
  const from = reader.choice('from', ['first', 'last']);
  return { kind, type, ...rows, from, offset: reader.integer('offset'), shift: reader.integer('shift'), value: reader.expression('value') };
}

function callJson({ signature, args, distinct, filter, orderBy, type }: AggregateOverRows): Json {
  return {
    signature,
    args: args.map(expressionJson),
    distinct,
    filter: filter === null ? null : expressionJson(filter),
    orderBy: orderBy.map(({ expression, descending, nullsFirst }) => ({ expression: expressionJson(expression), descending, nullsFirst })),
    type: typeJson(type),
  };
}

function callFromJson(reader: SpecReader): AggregateOverRows {
  return {
    signature: reader.text('signature'),
    args: reader.expressions('args'),
    distinct: reader.boolean('distinct'),
    filter: reader.nullable('filter', reader.expression),
    orderBy: reader.objects('orderBy').map((key) => ({
      expression: key.expression('expression'),
      descending: key.boolean('descending'),
      nullsFirst: key.boolean('nullsFirst'),
    })),
    type: reader.type('type'),
  };
}
