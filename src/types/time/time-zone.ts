import { SqlError, SqlState } from '../../base/index.ts';
import { daysFromCivil, MICROS_PER_SECOND } from './calendar.ts';

/** Seconds east of UTC for a zone at an instant, and the other way round for a wall-clock time. */
export interface TimeZone {
  readonly name: string;
  /** Set where the zone never changes. */
  readonly fixedSeconds: number | null;
  offsetAt(utcMicros: bigint): number;
}

/** Abbreviations of PostgreSQL's Default set that people write; seconds east of UTC. */
const ABBREVIATION_HOURS: Record<string, number> = {
  utc: 0,
  gmt: 0,
  z: 0,
  zulu: 0,
  ut: 0,
  wet: 0,
  west: 1,
  bst: 1,
  cet: 1,
  cest: 2,
  met: 1,
  mest: 2,
  eet: 2,
  eest: 3,
  msk: 3,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  akst: -9,
  akdt: -8,
  hst: -10,
  ast: -4,
  adt: -3,
  nst: -3.5,
  ndt: -2.5,
  jst: 9,
  kst: 9,
  hkt: 8,
  sgt: 8,
  awst: 8,
  acst: 9.5,
  acdt: 10.5,
  aest: 10,
  aedt: 11,
  nzst: 12,
  nzdt: 13,
  ist: 2,
  idt: 3,
  sast: 2,
  brt: -3,
  art: -3,
};
const CACHED_ZONES_MAX = 512;
const CACHED_OFFSETS_MAX = 4096;
/** Transitions of all zones since 1900 lie on quarters of an hour of UTC. */
const CACHE_STEP_SECONDS = 900;
/** The range of instants Intl can format. */
const INTL_SECONDS_MAX = 8_640_000_000_000;
const ZONE_OFFSET_SECONDS_MAX = 15 * 3600 + 59 * 60 + 59;

const zones = new Map<string, TimeZone | null>();

/** The zone of a name: IANA names in any case, common abbreviations, POSIX forms such as `UTC+3` (sign: west). Null when unknown. */
export function findTimeZone(name: string): TimeZone | null {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = resolve(name);
  if (zones.size >= CACHED_ZONES_MAX) zones.clear();
  zones.set(name, zone);
  return zone;
}

/** Like findTimeZone; 22023 when unknown. */
export function timeZone(name: string): TimeZone {
  const zone = findTimeZone(name);
  if (zone === null) throw new SqlError({ code: SqlState.invalidParameterValue, message: `time zone "${name}" not recognized` });
  return zone;
}

export function fixedTimeZone(seconds: number, name = formatZoneOffset(seconds)): TimeZone {
  return { name, fixedSeconds: seconds, offsetAt: () => seconds };
}

/**
 * Seconds east of UTC in force at a wall-clock time, given as if it were UTC. In a gap the offset before it counts, in an overlap
 * the one after it, as in PostgreSQL.
 */
function offsetOfLocal(zone: TimeZone, localMicros: bigint): number {
  if (zone.fixedSeconds !== null) return zone.fixedSeconds;
  const before = zone.offsetAt(localMicros - ONE_DAY);
  const after = zone.offsetAt(localMicros + ONE_DAY);
  if (before === after) return before;
  const afterHolds = zone.offsetAt(localMicros - BigInt(after) * 1_000_000n) === after;
  return afterHolds ? after : before;
}

export function localToUtc(zone: TimeZone, localMicros: bigint): bigint {
  return localMicros - BigInt(offsetOfLocal(zone, localMicros)) * 1_000_000n;
}

export function utcToLocal(zone: TimeZone, utcMicros: bigint): bigint {
  return utcMicros + BigInt(zone.offsetAt(utcMicros)) * 1_000_000n;
}

/** ISO form: `+02`, `-03:30`, seconds only where there are some. */
export function formatZoneOffset(seconds: number): string {
  const total = Math.abs(seconds);
  const hours = String(Math.floor(total / 3600)).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const rest = total % 60;
  const minuteText = minutes !== 0 || rest !== 0 ? `:${String(minutes).padStart(2, '0')}` : '';
  return `${seconds < 0 ? '-' : '+'}${hours}${minuteText}${rest !== 0 ? `:${String(rest).padStart(2, '0')}` : ''}`;
}

/** `+02`, `-0330`, `+02:30`, `+02:30:15` in seconds east of UTC, or null where it is no such text. */
export function parseZoneOffset(text: string): number | null {
  const match = /^([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/.exec(text);
  if (match === null) return null;
  const [hours, minutes, seconds] = [Number(match[2]), Number(match[3] ?? 0), Number(match[4] ?? 0)];
  const total = hours * 3600 + minutes * 60 + seconds;
  if (total > ZONE_OFFSET_SECONDS_MAX || minutes > 59 || seconds > 59) return null;
  return match[1] === '-' ? -total : total;
}

const ONE_DAY = 86_400_000_000n;

function resolve(name: string): TimeZone | null {
  const lower = name.toLowerCase();
  const hours = Object.hasOwn(ABBREVIATION_HOURS, lower) ? ABBREVIATION_HOURS[lower] : undefined;
  if (hours !== undefined) return fixedTimeZone(hours * 3600, name);
  const posix = /^(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]+>)?([+-]?\d{1,2}(?::?\d{2})?)$/.exec(name);
  if (posix !== null) {
    const signed = /^[+-]/.test(posix[1]!) ? posix[1]! : `+${posix[1]}`;
    const seconds = parseZoneOffset(signed);
    // POSIX counts westwards: `UTC+3` is three hours behind UTC.
    return seconds === null ? null : fixedTimeZone(seconds === 0 ? 0 : -seconds, name);
  }
  return namedTimeZone(name);
}

function namedTimeZone(name: string): TimeZone | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
  const cache = new Map<number, number>();
  const offsetAt = (utcMicros: bigint): number => {
    const seconds = Math.max(-INTL_SECONDS_MAX, Math.min(INTL_SECONDS_MAX, Math.floor(Number(utcMicros) / MICROS_PER_SECOND)));
    const step = Math.floor(seconds / CACHE_STEP_SECONDS);
    const known = cache.get(step);
    if (known !== undefined) return known;
    if (cache.size >= CACHED_OFFSETS_MAX) cache.clear();
    const offset = computeOffset(format, Math.max(-INTL_SECONDS_MAX, step * CACHE_STEP_SECONDS));
    cache.set(step, offset);
    return offset;
  };
  return { name: format.resolvedOptions().timeZone, fixedSeconds: null, offsetAt };
}

function computeOffset(format: Intl.DateTimeFormat, utcSeconds: number): number {
  const fields = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  let beforeChrist = false;
  for (const { type, value } of format.formatToParts(utcSeconds * 1000)) {
    if (type === 'era') beforeChrist = value.startsWith('B');
    else if (type in fields) fields[type as keyof typeof fields] = Number(value);
  }
  const year = beforeChrist ? 1 - fields.year : fields.year;
  const days = daysFromCivil(year, fields.month, fields.day);
  return days * 86_400 + fields.hour * 3600 + fields.minute * 60 + fields.second - utcSeconds;
}
