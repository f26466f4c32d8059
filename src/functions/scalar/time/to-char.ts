import type { EvaluationContext, FunctionDefinition } from '../../../expr/index.ts';
import {
  dateToTimestamp,
  type Interval,
  isInfiniteTimestamp,
  parseDate,
  parseTimestamp,
  timestamptzToTimestamp,
  timeZone,
} from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { formatPicture } from './datetime-picture.ts';
import { parsePicture } from './parse-picture.ts';

/** to_char of dates and times, to_timestamp and to_date of texts, and Flink's to_timestamp. */
export const pictureFunctions: readonly FunctionDefinition[] = [
  defineFunction<[bigint, string]>({
    signature: 'to_char(timestamp, text) -> text',
    family: 'time',
    description: 'The timestamp in a picture such as YYYY-MM-DD HH24:MI:SS',
    examples: [["to_char(timestamp '2002-04-20 17:31:12.66', 'FMDay, DDth HH12:MI:SS.MS AM')", 'Saturday, 20th 05:31:12.660 PM']],
    volatility: 'stable',
    evaluate: ([value, picture]) => (isInfiniteTimestamp(value) ? null : formatPicture(picture, { localMicros: value, zone: null })),
  }),
  defineFunction<[bigint, string]>({
    signature: 'to_char(timestamptz, text) -> text',
    family: 'time',
    description: 'The instant in a picture, in the session’s time zone',
    examples: [["to_char(timestamptz '2002-04-20 17:31:12+00', 'HH24:MI OF')", '17:31 +00']],
    volatility: 'stable',
    evaluate: ([value, picture], context) => (isInfiniteTimestamp(value) ? null : formatInstant(picture, value, context)),
  }),
  defineFunction<[Interval, string]>({
    signature: 'to_char(interval, text) -> text',
    family: 'time',
    description: 'The interval in a picture of hours, minutes and seconds',
    examples: [["to_char(interval '15h 2m 12s', 'HH24:MI:SS')", '15:02:12']],
    volatility: 'stable',
    evaluate: ([value, picture]) => formatPicture(picture, { localMicros: 0n, interval: value, zone: null }),
  }),
  defineFunction<[string, string]>({
    signature: 'to_timestamp(text, text) -> timestamptz',
    family: 'time',
    description: 'Reads a text by a picture, as wall-clock time of the session’s zone',
    examples: [["to_timestamp('05 Dec 2000', 'DD Mon YYYY')", '2000-12-05 00:00:00+00']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([text, picture], context) => parsePicture(text, picture, context.timeZone).utcMicros,
  }),
  defineFunction<[string]>({
    signature: 'to_timestamp(text) -> timestamp',
    family: 'time',
    description: 'Reads a timestamp text (as in Flink)',
    examples: [["to_timestamp('2000-12-05 10:00:00')", '2000-12-05 10:00:00']],
    fallible: true,
    evaluate: ([text], context) => parseTimestamp(text, { timeZone: context.timeZone }),
  }),
  defineFunction<[string, string]>({
    signature: 'to_date(text, text) -> date',
    family: 'time',
    description: 'Reads a text by a picture',
    examples: [["to_date('05 Dec 2000', 'DD Mon YYYY')", '2000-12-05']],
    volatility: 'stable',
    fallible: true,
    evaluate: ([text, picture]) => parsePicture(text, picture, 'UTC').days,
  }),
  defineFunction<[string]>({
    signature: 'to_date(text) -> date',
    family: 'time',
    description: 'Reads a date text (as in Flink)',
    examples: [["to_date('2000-12-05')", '2000-12-05']],
    fallible: true,
    evaluate: ([text], context) => parseDate(text, { timeZone: context.timeZone }),
  }),
  defineFunction<[number, string]>({
    signature: 'to_char(date, text) -> text',
    family: 'time',
    description: 'The date in a picture',
    examples: [["to_char(date '2002-04-20', 'DD.MM.YYYY')", '20.04.2002']],
    volatility: 'stable',
    evaluate: ([value, picture]) => {
      const micros = dateToTimestamp(value);
      return isInfiniteTimestamp(micros) ? null : formatPicture(picture, { localMicros: micros, zone: null });
    },
  }),
];

function formatInstant(picture: string, micros: bigint, context: EvaluationContext): string {
  const zone = { name: context.timeZone, offsetSeconds: timeZone(context.timeZone).offsetAt(micros) };
  return formatPicture(picture, { localMicros: timestamptzToTimestamp(micros, context.timeZone), zone });
}
