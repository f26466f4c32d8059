import { type JsCode, js } from '../../../base/index.ts';
import type { EvaluationContext, FunctionDefinition } from '../../../expr/index.ts';
import {
  type Datum,
  type Decimal,
  decimalToFloat8,
  extractDate,
  extractInterval,
  extractTime,
  extractTimestamp,
  extractTimestamptz,
  type Interval,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

type Kind = 'timestamp' | 'timestamptz' | 'date' | 'time' | 'interval';

const SAMPLES: Record<Kind, readonly [sql: string, field: string, exact: string, float: string]> = {
  timestamp: ["timestamp '2001-02-16 20:38:40.12'", 'second', '40.120000', '40.12'],
  timestamptz: ["timestamptz '2001-02-16 20:38:40.12+00'", 'epoch', '982355920.120000', '982355920.12'],
  date: ["date '2001-02-16'", 'doy', '47', '47'],
  time: ["time '20:38:40.12'", 'milliseconds', '40120.000', '40120'],
  interval: ["interval '40 days 1 minute'", 'minute', '1', '1'],
};

/** Flink's names for single fields. */
const FIELDS = ['year', 'quarter', 'month', 'week', 'dayofyear', 'dayofmonth', 'dayofweek', 'hour', 'minute', 'second'] as const;
const FIELD_UNITS: Partial<Record<(typeof FIELDS)[number], string>> = { dayofyear: 'doy', dayofmonth: 'day', dayofweek: 'dow' };
const FIELD_RESULTS: Record<(typeof FIELDS)[number], string> = {
  year: '2001',
  quarter: '1',
  month: '2',
  week: '7',
  dayofyear: '47',
  dayofmonth: '16',
  dayofweek: '6',
  hour: '20',
  minute: '38',
  second: '40',
};

/** extract (numeric), date_part (double precision), and year(), hour() and the like (bigint). */
export const extractFunctions: readonly FunctionDefinition[] = [
  ...(Object.keys(SAMPLES) as Kind[]).flatMap((kind) => {
    const [sample, field, exact, float] = SAMPLES[kind];
    const volatility = kind === 'timestamptz' ? 'stable' : 'immutable';
    return [
      defineFunction<[string, Datum]>({
        signature: `extract(text, ${kind}) -> numeric`,
        family: 'time',
        description: `A field of a ${kind}: extract(field from value)`,
        examples: [[`extract(${field} from ${sample})`, exact]],
        volatility,
        fallible: true,
        evaluate: ([name, value], context) => extractField(kind, name, { value, context }),
      }),
      defineFunction<[string, Datum]>({
        signature: `date_part(text, ${kind}) -> float8`,
        family: 'time',
        description: `A field of a ${kind}, as double precision`,
        examples: [[`date_part('${field}', ${sample})`, float]],
        volatility,
        fallible: true,
        evaluate: ([name, value], context) => {
          const result = extractField(kind, name, { value, context });
          return result === null ? null : decimalToFloat8(result);
        },
      }),
    ];
  }),
  ...FIELDS.flatMap((name) =>
    (['timestamp', 'timestamptz'] as const).map((kind) =>
      defineFunction<[bigint]>({
        signature: `${name}(${kind}) -> int8`,
        family: 'time',
        description: `The ${FIELD_UNITS[name] ?? name} of a ${kind} as integer (as in Flink${name === 'dayofweek' ? '; Sunday is 1' : ''})`,
        examples: [[`${name}(${kind} '2001-02-16 20:38:40${kind === 'timestamp' ? '' : '+00'}')`, FIELD_RESULTS[name]]],
        volatility: kind === 'timestamp' ? 'immutable' : 'stable',
        evaluate: ([micros], context) => {
          const field = extractField(kind, FIELD_UNITS[name] ?? name, { value: micros, context });
          if (field === null) return null;
          const whole = BigInt(Math.floor(decimalToFloat8(field)));
          return name === 'dayofweek' ? whole + 1n : whole;
        },
        emit: (args) => {
          const code = kind === 'timestamp' && args[0]!.form === 'number' ? clockFieldCode(name, args[0]!.code[0]!) : null;
          return code === null ? null : { form: 'number', type: { kind: 'int8' }, code: [code] };
        },
      }),
    ),
  ),
];

function extractField(kind: Kind, name: string, input: { value: Datum; context: EvaluationContext }): Decimal | null {
  const { value, context } = input;
  switch (kind) {
    case 'timestamp':
      return extractTimestamp(name, value as bigint);
    case 'timestamptz':
      return extractTimestamptz(name, value as bigint, context.timeZone);
    case 'date':
      return extractDate(name, value as number);
    case 'time':
      return extractTime(name, Number(value));
    case 'interval':
      return extractInterval(name, value as Interval);
  }
}

/** Fields of the clock need no calendar; infinite timestamps are no safe integers and never get here. */
function clockFieldCode(name: (typeof FIELDS)[number], micros: JsCode): JsCode | null {
  switch (name) {
    case 'hour':
      return js`(Math.floor(${micros} / 3600000000) - Math.floor(${micros} / 86400000000) * 24)`;
    case 'minute':
      return js`(Math.floor(${micros} / 60000000) - Math.floor(${micros} / 3600000000) * 60)`;
    case 'second':
      return js`(Math.floor(${micros} / 1000000) - Math.floor(${micros} / 60000000) * 60)`;
    default:
      return null;
  }
}
