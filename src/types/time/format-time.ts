import { civilFromDays, DATE_INFINITY, DATE_NEGATIVE_INFINITY, splitTimestamp, TIMESTAMP_INFINITY, TIMESTAMP_NEGATIVE_INFINITY } from './calendar.ts';
import { formatZoneOffset, timeZone, utcToLocal } from './time-zone.ts';

/** ISO text of a day number: `2024-01-31`, `0044-03-15 BC`, `infinity`. */
export function formatDate(days: number): string {
  if (days === DATE_INFINITY) return 'infinity';
  if (days === DATE_NEGATIVE_INFINITY) return '-infinity';
  const { year, month, day } = civilFromDays(days);
  return `${civilText(year, month, day)}${year <= 0 ? ' BC' : ''}`;
}

/** `04:05:06.789`: trailing zeros of the fraction are dropped. */
export function formatTimeOfDay(micros: number | bigint): string {
  const total = Number(micros);
  const seconds = Math.floor(total / 1_000_000);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${formatFraction(total % 1_000_000)}`;
}

export function formatTimestamp(micros: bigint): string {
  if (micros === TIMESTAMP_INFINITY) return 'infinity';
  if (micros === TIMESTAMP_NEGATIVE_INFINITY) return '-infinity';
  return formatLocal(micros, '');
}

/** The instant in the zone's wall-clock time with its offset. */
export function formatTimestamptz(micros: bigint, zoneName: string): string {
  if (micros === TIMESTAMP_INFINITY) return 'infinity';
  if (micros === TIMESTAMP_NEGATIVE_INFINITY) return '-infinity';
  const zone = timeZone(zoneName);
  return formatLocal(utcToLocal(zone, micros), formatZoneOffset(zone.offsetAt(micros)));
}

/** `.5`, `.000001`, empty for 0; micros below one second. */
export function formatFraction(micros: number): string {
  return micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`;
}

function formatLocal(micros: bigint, offset: string): string {
  const { days, timeMicros } = splitTimestamp(micros);
  const { year, month, day } = civilFromDays(days);
  return `${civilText(year, month, day)} ${formatTimeOfDay(timeMicros)}${offset}${year <= 0 ? ' BC' : ''}`;
}

function civilText(year: number, month: number, day: number): string {
  return `${String(year > 0 ? year : 1 - year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
