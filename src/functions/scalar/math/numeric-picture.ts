import type { FunctionDefinition } from '../../../expr/index.ts';
import { absDecimal, type Decimal, decimalFromFloat8, decimalFromInteger, decimalSign, formatDecimal, roundDecimal } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';

/** to_char of numbers: 9 0 . , D G S MI PL SG PR FM V TH EEEE are PostgreSQL's; of those 9 0 . , D G S MI PL SG PR FM are known here. */
export const pictureNumberFunctions: readonly FunctionDefinition[] = [
  defineFunction<[Decimal, string]>({
    signature: 'to_char(numeric, text) -> text',
    family: 'math',
    description: 'The number in a picture such as 999,990.00',
    examples: [
      ["to_char(1234.5, '9,999.99')", ' 1,234.50'],
      ["to_char(-12.454, 'FM990.00')", '-12.45'],
    ],
    volatility: 'stable',
    evaluate: ([value, picture]) => formatNumber(value, picture),
  }),
  ...(['int4', 'int8'] as const).map((kind) =>
    defineFunction<[number | bigint, string]>({
      signature: `to_char(${kind}, text) -> text`,
      family: 'math',
      description: 'The integer in a picture such as 00999',
      examples: [[`to_char(${kind} '125', '00999')`, ' 00125']],
      volatility: 'stable',
      evaluate: ([value, picture]) => formatNumber(decimalFromInteger(value), picture),
    }),
  ),
  defineFunction<[number, string]>({
    signature: 'to_char(float8, text) -> text',
    family: 'math',
    description: 'The number in a picture such as 999D99',
    examples: [["to_char(float8 '125.8', '999D9')", ' 125.8']],
    volatility: 'stable',
    evaluate: ([value, picture]) => formatNumber(decimalFromFloat8(value), picture),
  }),
];

interface Picture {
  readonly fillMode: boolean;
  readonly sign: 'default' | 'S-front' | 'S-back' | 'MI' | 'MI-front' | 'PL' | 'SG' | 'PR';
  readonly integer: string;
  readonly fraction: string;
}

function formatNumber(value: Decimal, pictureText: string): string {
  const picture = readPicture(pictureText);
  const rounded = roundDecimal(value, picture.fraction.length);
  const negative = decimalSign(rounded) < 0;
  const [whole, fraction = ''] = formatDecimal(absDecimal(rounded)).split('.') as [string, string?];
  const places = picture.integer.replace(/[^09]/g, '').length;
  const digits = whole === '0' && places > 0 ? '' : whole;
  const fits = digits.length <= places && rounded.special === undefined;
  const body = fits ? integerPart(digits, picture) : picture.integer.replace(/[09]/g, '#');
  const tail = picture.fraction === '' ? '' : `.${fits ? fractionPart(fraction, picture) : '#'.repeat(picture.fraction.length)}`;
  return withSign(body, tail, negative, picture);
}

function readPicture(text: string): Picture {
  let rest = text.toUpperCase();
  const fillMode = rest.includes('FM');
  rest = rest.replaceAll('FM', '');
  let sign: Picture['sign'] = 'default';
  for (const mark of ['MI', 'PL', 'SG', 'PR'] as const) {
    if (rest.includes(mark)) sign = mark;
    rest = rest.replaceAll(mark, '');
  }
  if (sign === 'MI' && /^(?:FM)?MI/i.test(text)) sign = 'MI-front';
  if (rest.startsWith('S')) sign = 'S-front';
  else if (rest.endsWith('S')) sign = 'S-back';
  const [integer, fraction = ''] = rest.replaceAll('S', '').replaceAll('G', ',').replace('D', '.').split('.') as [string, string?];
  return { fillMode, sign, integer, fraction: fraction.replace(/[^09]/g, '') };
}

/** Digits from the right into 9 and 0; in front of the first digit a 9 is blank and a 0 is zero. */
function integerPart(digits: string, picture: Picture): string {
  const places = Array.from(picture.integer);
  const firstZero = places.indexOf('0');
  const out: string[] = [];
  let at = digits.length - 1;
  for (let i = places.length - 1; i >= 0; i--) {
    const place = places[i]!;
    const started = at >= 0 || (firstZero >= 0 && i >= firstZero);
    if (place === '9' || place === '0') out.push(at >= 0 ? digits[at--]! : started ? '0' : ' ');
    else if (place === ',') out.push(at >= 0 || (firstZero >= 0 && firstZero < i) ? ',' : ' ');
    else out.push(place);
  }
  const text = out.reverse().join('');
  const nothing = digits === '' && firstZero < 0 && picture.fraction === '' && text.trim() === '';
  return nothing ? `${text.slice(0, -1)}0` : text;
}

function fractionPart(fraction: string, picture: Picture): string {
  if (!picture.fillMode) return fraction;
  const kept = picture.fraction.lastIndexOf('0') + 1;
  return fraction.slice(0, kept) + fraction.slice(kept).replace(/0+$/, '');
}

function withSign(body: string, tail: string, negative: boolean, picture: Picture): string {
  const trimmed = picture.fillMode ? body.trimStart() : body;
  const lead = trimmed.length - trimmed.trimStart().length;
  const beforeDigits = (mark: string): string => `${trimmed.slice(0, lead)}${mark}${trimmed.slice(lead)}${tail}`;
  switch (picture.sign) {
    case 'default':
      return beforeDigits(negative ? '-' : picture.fillMode ? '' : ' ');
    case 'S-front':
      return beforeDigits(negative ? '-' : '+');
    case 'S-back':
      return `${trimmed}${tail}${negative ? '-' : '+'}`;
    case 'MI-front':
      return `${negative ? '-' : picture.fillMode ? '' : ' '}${trimmed}${tail}`;
    case 'MI':
      return `${trimmed}${tail}${negative ? '-' : picture.fillMode ? '' : ' '}`;
    case 'PL':
      return negative ? beforeDigits('-') : `${beforeDigits(picture.fillMode ? '' : ' ')}+`;
    case 'SG':
      return `${negative ? '-' : '+'}${trimmed}${tail}`;
    case 'PR':
      return negative ? beforeDigits('<').concat('>') : `${beforeDigits(picture.fillMode ? '' : ' ')}${picture.fillMode ? '' : ' '}`;
  }
}
