import type { EvaluationContext, FunctionDefinition } from '../../../expr/index.ts';
import { addToTimestamp, addToTimestamptz, type Datum, type Interval } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

const DAY_MICROS = 86_400_000_000n;

/** The types that (start, end) OVERLAPS (start, end) takes, each with what a length in place of an end adds to the start. */
const KINDS: readonly {
  readonly kind: string;
  readonly add: (start: bigint, length: Interval, context: EvaluationContext) => bigint;
  readonly volatility: 'immutable' | 'stable';
  readonly times: readonly [string, string, string, string];
  readonly lengths: readonly [string, string];
}[] = [
  {
    kind: 'timestamp',
    add: addToTimestamp,
    volatility: 'immutable',
    times: ['2024-01-01', '2024-02-01', '2024-01-31', '2024-03-01'],
    lengths: ['1 month', '2 days'],
  },
  {
    kind: 'timestamptz',
    add: (start, length, { timeZone }) => addToTimestamptz(start, length, timeZone),
    volatility: 'stable',
    times: ['2024-01-01', '2024-02-01', '2024-01-31', '2024-03-01'],
    lengths: ['1 month', '2 days'],
  },
  {
    kind: 'time',
    add: (start, { micros }) => (((start + micros) % DAY_MICROS) + DAY_MICROS) % DAY_MICROS,
    volatility: 'immutable',
    times: ['08:00', '12:00', '11:59', '13:00'],
    lengths: ['4 hours', '1 hour'],
  },
];

/** Which of the two ends are written as lengths. */
const FORMS = [
  [false, false],
  [true, true],
  [false, true],
  [true, false],
] as const;

/** `(start, end) OVERLAPS (start, end)`: half-open, the earlier value is the start, and a pair of equal values is a point (PostgreSQL 9.9). */
export const overlapsFunctions: readonly FunctionDefinition[] = KINDS.flatMap(({ kind, add, volatility, times, lengths }) =>
  FORMS.map(([firstIsLength, secondIsLength]) => {
    const type = (isLength: boolean): string => (isLength ? 'interval' : kind);
    const [start, end, otherStart, otherEnd] = times.map((text) => `${kind} '${text}'`) as [string, string, string, string];
    const ends = [firstIsLength ? `interval '${lengths[0]}'` : end, secondIsLength ? `interval '${lengths[1]}'` : otherEnd];
    return defineFunction<(Datum | null)[]>({
      signature: `overlaps(${kind}, ${type(firstIsLength)}, ${kind}, ${type(secondIsLength)}) -> bool`,
      family: 'time',
      description: 'Whether two periods have a moment in common: (start, end) OVERLAPS (start, end), ends excluded; an end may be a length',
      examples: [
        [`(${start}, ${ends[0]}) OVERLAPS (${otherStart}, ${ends[1]})`, 't'],
        [`(${start}, ${ends[0]}) OVERLAPS (${end}, ${ends[1]})`, 'f'],
      ],
      volatility: firstIsLength || secondIsLength ? volatility : 'immutable',
      nullBehaviour: 'called',
      fallible: firstIsLength || secondIsLength,
      evaluate: (args, context) => {
        const endOf = (from: Datum | null, to: Datum | null, isLength: boolean): bigint | null => {
          if (!isLength || to === null) return to as bigint | null;
          return from === null ? null : add(from as bigint, to as Interval, context);
        };
        const first = period(args[0] as bigint | null, endOf(args[0]!, args[1]!, firstIsLength));
        const second = period(args[2] as bigint | null, endOf(args[2]!, args[3]!, secondIsLength));
        return first === null || second === null ? null : overlap(first, second);
      },
    });
  }),
);

interface Period {
  readonly start: bigint;
  /** Null: not known. */
  readonly end: bigint | null;
}

/** The bounds in their order; one that is not known counts as the end. Null: neither is known. */
function period(start: bigint | null, end: bigint | null): Period | null {
  if (start === null) return end === null ? null : { start: end, end: null };
  return end !== null && start > end ? { start: end, end: start } : { start, end };
}

/** Null where it hangs on a bound that is not known. */
function overlap(first: Period, second: Period): boolean | null {
  if (first.start === second.start) return first.end === null || second.end === null ? null : true;
  const [earlier, later] = first.start < second.start ? [first, second] : [second, first];
  if (earlier.end === null) return null;
  if (later.start < earlier.end) return true;
  return later.end === null ? null : false;
}
