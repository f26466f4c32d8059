import { SqlError, SqlState } from '../../../base/index.ts';
import { formatPicture, type PictureInput } from './datetime-picture.ts';

/** A field of a java.time pattern (`MM`), or text that stands for itself. */
export type JavaToken = { readonly field: string } | { readonly literal: string };

/** Fields in PostgreSQL's words; X and Z are of offsets and no pictures. */
const PICTURES: Readonly<Record<string, string>> = {
  yyyy: 'YYYY',
  uuuu: 'YYYY',
  y: 'FMYYYY',
  u: 'FMYYYY',
  yy: 'YY',
  MMMM: 'FMMonth',
  MMM: 'Mon',
  MM: 'MM',
  M: 'FMMM',
  dd: 'DD',
  d: 'FMDD',
  HH: 'HH24',
  H: 'FMHH24',
  hh: 'HH12',
  h: 'FMHH12',
  mm: 'MI',
  m: 'FMMI',
  ss: 'SS',
  s: 'FMSS',
  S: 'FF1',
  SS: 'FF2',
  SSS: 'MS',
  SSSS: 'FF4',
  SSSSS: 'FF5',
  SSSSSS: 'US',
  a: 'AM',
  EEEE: 'FMDay',
  EEE: 'Dy',
  EE: 'Dy',
  E: 'Dy',
  DDD: 'DDD',
  D: 'FMDDD',
  Q: 'Q',
  z: 'TZ',
  VV: 'TZ',
};

/** Offsets: between hours and minutes, and what stands for no offset. */
const OFFSETS: Readonly<Record<string, { readonly separator: string; readonly zero: string | null; readonly minutes: boolean }>> = {
  X: { separator: '', zero: 'Z', minutes: false },
  XX: { separator: '', zero: 'Z', minutes: true },
  XXX: { separator: ':', zero: 'Z', minutes: true },
  x: { separator: '', zero: null, minutes: false },
  xx: { separator: '', zero: null, minutes: true },
  xxx: { separator: ':', zero: null, minutes: true },
  Z: { separator: '', zero: null, minutes: true },
};

/** The fields of a pattern: runs of one letter, text in quotes (two for one), and everything else as it stands. */
export function javaTokens(pattern: string): readonly JavaToken[] {
  return Array.from(pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^'A-Za-z]+|'/g), ([whole, quoted, letter]) => {
    if (letter !== undefined) return { field: whole };
    if (quoted === undefined) return { literal: whole };
    return { literal: quoted === '' ? "'" : quoted.replaceAll("''", "'") };
  });
}

/** A date and time by a pattern; letters that are no field are copied. */
export function formatJavaPattern(pattern: string, input: PictureInput): string {
  return javaTokens(pattern)
    .map((token) => ('literal' in token ? token.literal : formatField(token.field, input)))
    .join('');
}

/** Errors: 22023 where a letter is no field. */
export function checkJavaPattern(pattern: string): void {
  for (const token of javaTokens(pattern)) {
    if ('field' in token && !Object.hasOwn(PICTURES, token.field) && !Object.hasOwn(OFFSETS, token.field)) throw unknownField(token.field, pattern);
  }
}

export function unknownField(field: string, pattern: string): SqlError {
  return new SqlError({
    code: SqlState.invalidParameterValue,
    message: `"${field}" is no field of a date/time pattern: "${pattern}"`,
    hint: "Patterns are Java's, such as yyyy-MM-dd HH:mm:ss.SSS; text stands in quotes.",
  });
}

function formatField(field: string, input: PictureInput): string {
  const offset = Object.hasOwn(OFFSETS, field) ? OFFSETS[field]! : null;
  if (offset === null) return Object.hasOwn(PICTURES, field) ? formatPicture(PICTURES[field]!, input) : field;
  const seconds = input.zone?.offsetSeconds ?? 0;
  if (seconds === 0 && offset.zero !== null) return offset.zero;
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const hour = `${seconds < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}`;
  return offset.minutes || minutes % 60 !== 0 ? `${hour}${offset.separator}${twoDigits(minutes % 60)}` : hour;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
