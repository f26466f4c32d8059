import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, isImmutable } from '../../expr/index.ts';
import { printRecognition } from '../../pattern/index.ts';
import { type MatchRecognizePlan, planExpressions } from '../../plan/logical/index.ts';
import {
  exactlyKeyedInput,
  type KeptState,
  keyedInput,
  type Lowering,
  type LoweringContext,
  type PhysicalPlan,
  type StateBound,
} from '../../plan/physical/index.ts';
import { isEventTime } from './event-time.ts';
import { type MatchRecognizeSpec, matchRecognizeSpecCodec } from './spec.ts';

/** MATCH_RECOGNIZE: by the watermark where the rows are ordered by event time, otherwise by finding again what has changed. */
export const lowerMatchRecognize: Lowering = {
  operator: 'match-recognize',
  lower(plan, context) {
    if (plan.kind !== 'match-recognize') return null;
    for (const expression of planExpressions(plan)) refuseMoment(expression, context);
    const input = context.lower(plan.input);
    const lateness = input.appendOnly && followsTime(plan) ? input.latenessMicros : null;
    if (lateness !== null) return watermarkMatches(plan, input, lateness);
    if (context.emit === 'on-window-close') {
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: 'EMIT ON WINDOW CLOSE needs MATCH_RECOGNIZE over a stream in the order of its event time',
        hint: 'Order by the column of the WATERMARK clause, ascending, or leave the EMIT clause out.',
      });
    }
    return recomputedMatches(plan, input);
  },
};

function refuseMoment(expression: Expression, { functions }: LoweringContext): void {
  if (isImmutable(expression, functions)) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: 'MATCH_RECOGNIZE of a continuous query cannot call functions that depend on the moment or the session',
    hint: 'Compute the value in a subquery below it.',
    position: expression.span?.start,
  });
}

/** In order of event time, rows without one last. */
function followsTime({ input, orderBy }: MatchRecognizePlan): boolean {
  const first = orderBy[0];
  return first !== undefined && !first.descending && !first.nullsFirst && isEventTime(input, first.column);
}

function watermarkMatches(plan: MatchRecognizePlan, input: PhysicalPlan, latenessMicros: bigint): PhysicalPlan {
  const keyed = keyedInput(input, plan.partitionBy);
  const { partitionKeyCount } = keyed;
  const { withinMicros, references } = plan.recognition;
  const looksAhead = references.some((reference) => reference.kind === 'row-value' && reference.shift > 0);
  const bound =
    withinMicros === null ? 'unbounded without WITHIN: the rows of matches under way' : `bounded: rows of the last ${withinMicros} us (WITHIN)`;
  const numbers = references.some((reference) => reference.kind === 'match-number') ? ', a number a key (MATCH_NUMBER)' : '';
  return {
    ...operatorNode(plan, { partitionKeyCount, mode: 'watermark', latenessMicros }, `emit when the watermark decides · state ${bound}${numbers}`),
    state: {
      kept: [
        {
          what: 'rows of matches under way',
          ...rowsByPartition(plan),
          bound:
            withinMicros === null
              ? { kind: 'content', input: 0, remedy: "add WITHIN INTERVAL '…' behind the pattern" }
              : { kind: 'time', by: 'within', until: `a row goes ${withinMicros} us behind the watermark` },
        },
        ...(numbers === '' ? [] : [{ what: 'MATCH_NUMBER', key: rowsByPartition(plan).key, columns: [], bound: keyBound(plan) }]),
      ],
      content: 'endless',
    },
    inputs: [keyed.input],
    appendOnly: true,
    net: false,
    // A match is out at the latest when its first row is that far behind the watermark.
    latenessMicros: withinMicros === null || looksAhead ? null : latenessMicros + withinMicros,
  };
}

function recomputedMatches(plan: MatchRecognizePlan, input: PhysicalPlan): PhysicalPlan {
  const { partitionBy } = plan;
  const keyed = partitionBy.length === 0 ? keyedInput(input, partitionBy).input : exactlyKeyedInput(input, partitionBy);
  const spec = { partitionKeyCount: partitionBy.length, mode: 'recompute', latenessMicros: 0n } as const;
  return {
    ...operatorNode(plan, spec, 'touched partitions are matched again · state unbounded: all rows'),
    state: {
      kept: [
        {
          what: 'all rows, to match touched partitions again',
          ...rowsByPartition(plan),
          bound: { kind: 'content', input: 0, remedy: "order by the WATERMARK column of a stream and add WITHIN INTERVAL '…'" },
        },
      ],
      content: 'input',
    },
    inputs: [keyed],
    appendOnly: false,
    net: true,
    latenessMicros: null,
  };
}

function rowsByPartition({ partitionBy, input }: MatchRecognizePlan): Pick<KeptState, 'key' | 'columns'> {
  return {
    key: partitionBy.map((column) => input.fields[column]!),
    columns: input.fields.filter((_, column) => !partitionBy.includes(column)),
  };
}

function keyBound({ partitionBy }: MatchRecognizePlan): StateBound {
  return partitionBy.length === 0 ? { kind: 'fixed', by: 'one number' } : { kind: 'keys' };
}

type RuntimePart = Pick<MatchRecognizeSpec, 'partitionKeyCount' | 'mode' | 'latenessMicros'>;

function operatorNode(plan: MatchRecognizePlan, runtime: RuntimePart, emission: string) {
  const { recognition, partitionBy, orderBy } = plan;
  const names = plan.input.fields.map((field) => field.name);
  const keys = Array.from({ length: runtime.partitionKeyCount }, (_, index) => index);
  return {
    kind: 'operator',
    operator: {
      kind: matchRecognizeSpecCodec.kind,
      version: matchRecognizeSpecCodec.version,
      parameters: matchRecognizeSpecCodec.encode({ recognition, partitionBy, orderBy, ...runtime }),
      label: `MatchRecognize ${printRecognition({ recognition, partitionBy, orderBy, names })} · ${emission}`,
    },
    parallelism: partitionBy.length === 0 ? 'one' : 'all',
    columns: plan.fields,
    // The partition's columns come first.
    distribution: keys.length === 0 ? ({ kind: 'single' } as const) : ({ kind: 'hash', keys } as const),
    uniqueKeys: [],
    window: null,
  } as const;
}
