import { SqlError, SqlState } from '../../../base/index.ts';
import { PictureFields, type PictureInput } from './datetime-picture.ts';

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
  return patternOf(pattern).tokens;
}

function tokensOf(pattern: string): readonly JavaToken[] {
  return Array.from(pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^'A-Za-z]+|'/g), ([whole, quoted, letter]) => {
    if (letter !== undefined) return { field: whole };
    if (quoted === undefined) return { literal: whole };
    return { literal: quoted === '' ? "'" : quoted.replaceAll("''", "'") };
  });
}

/** What a token comes to: text, a word of PostgreSQL's pictures, or an offset. */
type Step = string | { readonly word: string; readonly unpadded: boolean } | { readonly offset: string };

const FILL_MODE = 'FM';

/** A pattern that has been read, and the newest text made by it: the times of many rows in a row lie in one day or minute. */
interface ReadPattern {
  readonly tokens: readonly JavaToken[];
  readonly steps: readonly Step[];
  /** The first letters that are no field; null: all are. */
  readonly unknown: string | null;
  /** Times of one multiple of so many microseconds have one text; null: a zone decides, too. */
  readonly unitMicros: bigint | null;
  unit: bigint | null;
  text: string;
}

const MINUTE_MICROS = 60_000_000n;
const DAY_MICROS = 86_400_000_000n;
const BELOW_DAY = new Set(['HH24', 'HH12', 'MI', 'AM']);
const BELOW_MINUTE = /^(?:SS|MS|US|FF\d)$/;

/** Reading a pattern takes longer than printing by it. */
const readPatterns = new Map<string, ReadPattern>();
const READ_PATTERNS_MAX = 64;

function patternOf(pattern: string): ReadPattern {
  let read = readPatterns.get(pattern);
  if (read === undefined) {
    const tokens = tokensOf(pattern);
    const steps = tokens.map(stepOf);
    const unknown = tokens.find((token) => 'field' in token && !isField(token.field));
    read = {
      tokens,
      steps,
      unknown: unknown !== undefined && 'field' in unknown ? unknown.field : null,
      unitMicros: unitOf(steps),
      unit: null,
      text: '',
    };
    if (readPatterns.size >= READ_PATTERNS_MAX) readPatterns.clear();
    readPatterns.set(pattern, read);
  }
  return read;
}

function unitOf(steps: readonly Step[]): bigint | null {
  let unit = DAY_MICROS;
  for (const step of steps) {
    if (typeof step === 'string') continue;
    if ('offset' in step || step.word === 'TZ') return null;
    if (BELOW_MINUTE.test(step.word)) return 1n;
    if (BELOW_DAY.has(step.word)) unit = MINUTE_MICROS;
  }
  return unit;
}

function stepOf(token: JavaToken): Step {
  if ('literal' in token) return token.literal;
  const { field } = token;
  if (Object.hasOwn(OFFSETS, field)) return { offset: field };
  if (!Object.hasOwn(PICTURES, field)) return field;
  const word = PICTURES[field]!;
  return word.startsWith(FILL_MODE) ? { word: word.slice(FILL_MODE.length), unpadded: true } : { word, unpadded: false };
}

/** A date and time by a pattern; letters that are no field are copied. */
export function formatJavaPattern(pattern: string, input: PictureInput): string {
  const read = patternOf(pattern);
  if (read.unitMicros === null || read.unitMicros === 1n) return textOf(read.steps, input);
  const unit = floorDivide(input.localMicros, read.unitMicros);
  if (unit !== read.unit) {
    read.text = textOf(read.steps, input);
    read.unit = unit;
  }
  return read.text;
}

function textOf(steps: readonly Step[], input: PictureInput): string {
  const fields = new PictureFields(input);
  let text = '';
  for (const step of steps) {
    if (typeof step === 'string') text += step;
    else text += 'word' in step ? fields.text(step.word, step.unpadded) : offsetText(step.offset, input);
  }
  return text;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && value % by !== 0n ? quotient - 1n : quotient;
}

/** Errors: 22023 where a letter is no field. */
export function checkJavaPattern(pattern: string): void {
  const { unknown } = patternOf(pattern);
  if (unknown !== null) throw unknownField(unknown, pattern);
}

function isField(field: string): boolean {
  return Object.hasOwn(PICTURES, field) || Object.hasOwn(OFFSETS, field);
}

export function unknownField(field: string, pattern: string): SqlError {
  return new SqlError({
    code: SqlState.invalidParameterValue,
    message: `"${field}" is no field of a date/time pattern: "${pattern}"`,
    hint: "Patterns are Java's, such as yyyy-MM-dd HH:mm:ss.SSS; text stands in quotes.",
  });
}

function offsetText(field: string, input: PictureInput): string {
  const offset = OFFSETS[field]!;
  const seconds = input.zone?.offsetSeconds ?? 0;
  if (seconds === 0 && offset.zero !== null) return offset.zero;
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const hour = `${seconds < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}`;
  return offset.minutes || minutes % 60 !== 0 ? `${hour}${offset.separator}${twoDigits(minutes % 60)}` : hour;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
