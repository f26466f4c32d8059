import type { EvaluationContext, FunctionDefinition } from '../../../expr/index.ts';
import {
  checkTimestamp,
  dateToTimestamp,
  isInfiniteTimestamp,
  timestampToTimestamptz,
  timestamptzToTimestamp,
  timeZone,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { checkJavaPattern, formatJavaPattern } from './java-pattern.ts';
import { parseJavaPattern } from './parse-java-pattern.ts';

/** Dates and times printed and read by java.time patterns, the way of Flink and ksqlDB. ksqlDB's timestamps are wall-clock time of UTC. */
export const javaPatternFunctions: readonly FunctionDefinition[] = [
  defineFunction<[bigint, string]>({
    signature: 'date_format(timestamp, text) -> text',
    family: 'time',
    description: 'The timestamp in a Java picture such as yyyy-MM-dd HH:mm (as in Flink)',
    examples: [["date_format(timestamp '2002-04-20 17:31:12', 'yyyy-MM-dd HH:mm')", '2002-04-20 17:31']],
    evaluate: ([value, pattern]) => (isInfiniteTimestamp(value) ? null : formatJavaPattern(pattern, { localMicros: value, zone: null })),
  }),
  defineFunction<[bigint, string]>({
    signature: 'date_format(timestamptz, text) -> text',
    family: 'time',
    description: 'The instant in a Java picture, in the session’s time zone (as in Flink)',
    examples: [["date_format(timestamptz '2002-04-20 17:31:12+00', 'HH:mm')", '17:31']],
    volatility: 'stable',
    evaluate: ([value, pattern], context) => (isInfiniteTimestamp(value) ? null : formatInstant(pattern, value, context.timeZone)),
  }),
  defineFunction<[bigint, string]>({
    signature: 'format_timestamp(timestamp, text) -> text',
    family: 'time',
    description: 'The timestamp by a Java pattern (as in ksqlDB)',
    examples: [
      ["format_timestamp(timestamp '2002-04-20 17:31:12.5', 'yyyy-MM-dd''T''HH:mm:ss.SSSX')", '2002-04-20T17:31:12.500Z'],
      ["format_timestamp(NULL::timestamp, 'yyyy')", null],
    ],
    fallible: true,
    evaluate: ([value, pattern]) => formatWall(value, pattern),
  }),
  defineFunction<[bigint, string, string]>({
    signature: 'format_timestamp(timestamp, text, text) -> text',
    family: 'time',
    description: 'The timestamp, which is of UTC, by a Java pattern in a time zone (as in ksqlDB)',
    examples: [["format_timestamp(timestamp '2002-04-20 17:31:12', 'd MMM yyyy HH:mm xxx', 'America/Denver')", '20 Apr 2002 11:31 -06:00']],
    fallible: true,
    evaluate: ([value, pattern, zone]) => formatZoned(value, pattern, zone),
  }),
  defineFunction<[bigint, string]>({
    signature: 'format_timestamp(timestamptz, text) -> text',
    family: 'time',
    description: 'The instant by a Java pattern, in the session’s time zone (as in ksqlDB)',
    examples: [["format_timestamp(timestamptz '2002-04-20 17:31:12+00', 'EEE HH:mm')", 'Sat 17:31']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([value, pattern], context) => formatZoned(value, pattern, context.timeZone),
  }),
  defineFunction<[bigint, string, string]>({
    signature: 'format_timestamp(timestamptz, text, text) -> text',
    family: 'time',
    description: 'The instant by a Java pattern in a time zone (as in ksqlDB)',
    examples: [["format_timestamp(timestamptz '2002-04-20 17:31:12+00', 'HH:mm', 'Asia/Tokyo')", '02:31']],
    fallible: true,
    evaluate: ([value, pattern, zone]) => formatZoned(value, pattern, zone),
  }),
  defineFunction<[number, string]>({
    signature: 'format_date(date, text) -> text',
    family: 'time',
    description: 'The date by a Java pattern (as in ksqlDB)',
    examples: [
      ["format_date(date '2002-04-20', 'EEEE, d MMMM yyyy')", 'Saturday, 20 April 2002'],
      ["format_date(NULL::date, 'yyyy')", null],
    ],
    fallible: true,
    evaluate: ([days, pattern]) => formatWall(dateToTimestamp(days), pattern),
  }),
  defineFunction<[bigint, string]>({
    signature: 'format_time(time, text) -> text',
    family: 'time',
    description: 'The time of day by a Java pattern (as in ksqlDB)',
    examples: [["format_time(time '17:31:12', 'h:mm a')", '5:31 PM']],
    fallible: true,
    evaluate: ([micros, pattern]) => formatWall(BigInt(micros), pattern),
  }),
  defineFunction<[string, string]>({
    signature: 'parse_timestamp(text, text) -> timestamp',
    family: 'time',
    description: 'Reads a text by a Java pattern, which has to fit; a zone in the text makes it a time of UTC (as in ksqlDB)',
    examples: [
      ["parse_timestamp('2002-04-20 17:31:12', 'yyyy-MM-dd HH:mm:ss')", '2002-04-20 17:31:12'],
      ["parse_timestamp('2002-04-20T17:31:12+02:00', 'yyyy-MM-dd''T''HH:mm:ssXXX')", '2002-04-20 15:31:12'],
      ["parse_timestamp(NULL, 'yyyy')", null],
    ],
    fallible: true,
    evaluate: ([text, pattern]) => parseJavaPattern(text, pattern, 'UTC').utcMicros,
  }),
  defineFunction<[string, string, string]>({
    signature: 'parse_timestamp(text, text, text) -> timestamp',
    family: 'time',
    description: 'Reads a text of a time zone by a Java pattern as a time of UTC (as in ksqlDB)',
    examples: [["parse_timestamp('20/4/2002 11:31', 'd/M/yyyy HH:mm', 'America/Denver')", '2002-04-20 17:31:00']],
    fallible: true,
    evaluate: ([text, pattern, zone]) => parseJavaPattern(text, pattern, zone).utcMicros,
  }),
  defineFunction<[string, string]>({
    signature: 'parse_date(text, text) -> date',
    family: 'time',
    description: 'Reads a date by a Java pattern, which has to fit (as in ksqlDB)',
    examples: [
      ["parse_date('20 Apr 2002', 'dd MMM yyyy')", '2002-04-20'],
      ["parse_date('20020420', 'yyyyMMdd')", '2002-04-20'],
      ["parse_date(NULL, 'yyyy')", null],
    ],
    fallible: true,
    evaluate: ([text, pattern]) => parseJavaPattern(text, pattern, 'UTC').days,
  }),
  defineFunction<[string, string]>({
    signature: 'parse_time(text, text) -> time',
    family: 'time',
    description: 'Reads a time of day by a Java pattern, which has to fit (as in ksqlDB)',
    examples: [["parse_time('5:31 PM', 'h:mm a')", '17:31:00']],
    fallible: true,
    evaluate: ([text, pattern]) => BigInt(parseJavaPattern(text, pattern, 'UTC').timeMicros),
  }),
  defineFunction<[bigint]>({
    signature: 'from_unixtime(int8) -> text',
    family: 'time',
    description: 'The time of so many seconds since 1970 in the session’s time zone, as text (as in Flink)',
    examples: [
      ['from_unixtime(44)', '1970-01-01 00:00:44'],
      ['from_unixtime(NULL)', null],
    ],
    volatility: 'stable',
    fallible: true,
    evaluate: ([seconds], context) => fromSeconds(seconds, 'yyyy-MM-dd HH:mm:ss', context),
  }),
  defineFunction<[bigint, string]>({
    signature: 'from_unixtime(int8, text) -> text',
    family: 'time',
    description: 'The time of so many seconds since 1970 by a Java pattern (as in Flink)',
    examples: [["from_unixtime(1019323872, 'dd.MM.yyyy HH:mm')", '20.04.2002 17:31']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([seconds, pattern], context) => fromSeconds(seconds, pattern, context),
  }),
  defineFunction<[string, string]>({
    signature: 'unix_timestamp(text, text) -> int8',
    family: 'time',
    description: 'Seconds since 1970 of a text read by a Java pattern in the session’s time zone (as in Flink)',
    examples: [
      ["unix_timestamp('20.04.2002 17:31', 'dd.MM.yyyy HH:mm')", '1019323860'],
      ["unix_timestamp(NULL, 'yyyy')", null],
    ],
    volatility: 'stable',
    fallible: true,
    evaluate: ([text, pattern], context) => wholeSeconds(parseJavaPattern(text, pattern, context.timeZone).utcMicros),
  }),
  defineFunction<[]>({
    signature: 'unix_timestamp() -> int8',
    family: 'time',
    description: 'Seconds since 1970 of the present: the time of the epoch in a view (as in Flink)',
    examples: [['unix_timestamp() > 1000000000', 't']],
    volatility: 'stable',
    evaluate: (_args, context) => wholeSeconds(context.nowMicros),
  }),
  defineFunction<[string, string, string]>({
    signature: 'convert_tz(text, text, text) -> text',
    family: 'time',
    description: 'A time of one zone as text of another zone (as in Flink)',
    examples: [
      ["convert_tz('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')", '1969-12-31 16:00:00'],
      ["convert_tz(NULL, 'UTC', 'UTC')", null],
    ],
    fallible: true,
    evaluate: ([text, from, to]) => formatZoned(parseJavaPattern(text, 'yyyy-MM-dd HH:mm:ss', from).utcMicros, 'yyyy-MM-dd HH:mm:ss', to),
  }),
  defineFunction<[bigint, string, string]>({
    signature: 'convert_tz(timestamp, text, text) -> timestamp',
    family: 'time',
    description: 'A time of one zone as time of another zone (as in ksqlDB)',
    examples: [["convert_tz(timestamp '1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')", '1969-12-31 16:00:00']],
    fallible: true,
    evaluate: ([value, from, to]) => timestamptzToTimestamp(timestampToTimestamptz(value, from), to),
  }),
];

function formatWall(localMicros: bigint, pattern: string): string | null {
  checkJavaPattern(pattern);
  return isInfiniteTimestamp(localMicros) ? null : formatJavaPattern(pattern, { localMicros, zone: null });
}

function formatZoned(utcMicros: bigint, pattern: string, zoneName: string): string | null {
  checkJavaPattern(pattern);
  return isInfiniteTimestamp(utcMicros) ? null : formatInstant(pattern, utcMicros, zoneName);
}

function formatInstant(pattern: string, micros: bigint, zoneName: string): string {
  const zone = { name: zoneName, offsetSeconds: timeZone(zoneName).offsetAt(micros) };
  return formatJavaPattern(pattern, { localMicros: timestamptzToTimestamp(micros, zoneName), zone });
}

function fromSeconds(seconds: bigint, pattern: string, context: EvaluationContext): string | null {
  return formatZoned(checkTimestamp(seconds * 1_000_000n), pattern, context.timeZone);
}

function wholeSeconds(micros: bigint): bigint {
  const fraction = micros % 1_000_000n;
  return (micros - (fraction < 0n ? fraction + 1_000_000n : fraction)) / 1_000_000n;
}
