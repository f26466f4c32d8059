import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { type Decimal, parseDecimal } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** Pieces of a picture (PostgreSQL, "Template Patterns for Numeric Formatting"). */
const PIECES = /FM|MI|PL|SG|PR|TH|th|EEEE|RN|"(?:[^"\\]|\\.)*"|./gis;

const SIGNS = new Set(['S', 'MI', 'PL', 'SG', 'PR']);

/** to_number: 9 0 . , D G S MI PL SG PR FM V TH and literal text; EEEE and RN are refused. */
export const numberFromPictureFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string, string]>({
    signature: 'to_number(text, text) -> numeric',
    family: 'math',
    description: 'The number that a text in a picture such as 999,990.00 shows',
    examples: [
      ["to_number('12,454.8-', '99G999D9S')", '-12454.8'],
      ["to_number('$1,234', 'L9G999')", '1234'],
    ],
    volatility: 'stable',
    fallible: true,
    evaluate: ([text, picture]) => readNumber(text, picture),
  }),
];

interface Reading {
  readonly text: string;
  at: number;
  negative: boolean;
  integer: string;
  /** Null until the decimal point. */
  fraction: string | null;
}

function readNumber(text: string, picture: string): Decimal {
  const pieces = [...picture.matchAll(PIECES)].map(([piece]) => (piece.startsWith('"') ? piece : piece.toUpperCase()));
  const hasPoint = pieces.some((piece) => piece === '.' || piece === 'D');
  const reading: Reading = { text, at: 0, negative: false, integer: '', fraction: null };
  for (const piece of pieces) {
    if (reading.at >= text.length) break;
    readPiece(piece, reading, hasPoint);
  }
  // A sign may stand behind all digits, whatever the picture says of it.
  if (pieces.some((piece) => SIGNS.has(piece)) && /^\s*-/.test(text.slice(reading.at))) reading.negative = true;
  if (reading.integer === '' && (reading.fraction ?? '') === '') {
    throw new SqlError({ code: SqlState.invalidTextRepresentation, message: 'invalid input syntax for type numeric: " "' });
  }
  const shifted = pieces.includes('V') ? pieces.slice(pieces.indexOf('V')).filter((piece) => piece === '9' || piece === '0').length : 0;
  const digits = `${reading.integer}${reading.fraction ?? ''}`.padStart(shifted + 1, '0');
  const whole = digits.length - (reading.fraction ?? '').length - shifted;
  const fraction = digits.slice(whole);
  return parseDecimal(`${reading.negative ? '-' : ''}${digits.slice(0, whole) || '0'}${fraction === '' ? '' : `.${fraction}`}`);
}

function readPiece(piece: string, reading: Reading, hasPoint: boolean): void {
  switch (piece) {
    case '9':
    case '0':
      readDigit(reading, hasPoint);
      return;
    case '.':
    case 'D':
      skipBlanks(reading);
      if (reading.text[reading.at] === '.') {
        reading.at++;
        reading.fraction ??= '';
      }
      return;
    case ',':
    case 'G':
      if (reading.text[reading.at] === ',') reading.at++;
      return;
    case 'S':
    case 'MI':
    case 'PL':
    case 'SG':
    case 'PR':
      readSign(reading);
      return;
    case 'L':
      while (reading.at < reading.text.length && /[^\d.,+\-<\s]/.test(reading.text[reading.at]!)) reading.at++;
      return;
    case 'TH':
      reading.at += /^(?:st|nd|rd|th)/i.test(reading.text.slice(reading.at)) ? 2 : 0;
      return;
    case 'FM':
    case 'V':
      return;
    case 'EEEE':
    case 'RN':
      throw new SqlError({ code: SqlState.featureNotSupported, message: `"${piece}" not supported for input` });
    default:
      skipLiteral(piece, reading);
  }
}

function readDigit(reading: Reading, hasPoint: boolean): void {
  if (reading.integer === '' && reading.fraction === null) {
    // Blanks in front take one place of the picture.
    if (skipBlanks(reading)) return;
    readSign(reading);
  }
  const next = reading.text[reading.at];
  if (next === '.' && hasPoint && reading.fraction === null) {
    reading.at++;
    reading.fraction = '';
    return;
  }
  if (next === undefined || next < '0' || next > '9') return;
  reading.at++;
  if (reading.fraction === null) reading.integer += next;
  else reading.fraction += next;
}

function readSign(reading: Reading): void {
  skipBlanks(reading);
  const sign = reading.text[reading.at];
  if (sign === '-' || sign === '<') reading.negative = true;
  if (sign === '-' || sign === '+' || sign === '<') reading.at++;
}

/** Whether there were any. */
function skipBlanks(reading: Reading): boolean {
  const from = reading.at;
  while (reading.text[reading.at] === ' ') reading.at++;
  return reading.at > from;
}

/** A literal stands for as many characters, whatever they are but digits and signs. */
function skipLiteral(piece: string, reading: Reading): void {
  const length = piece.startsWith('"') ? piece.slice(1, -1).replace(/\\(.)/gs, '$1').length : 1;
  for (let skipped = 0; skipped < length && /[^\d.,+-]/.test(reading.text[reading.at] ?? '0'); skipped++) reading.at++;
}
