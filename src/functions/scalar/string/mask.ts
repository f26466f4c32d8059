import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** What stands for upper case letters, lower case letters, digits and all other characters; NULL leaves them as they are. */
type Masks = readonly (string | null)[];

const DEFAULT_MASKS: Masks = ['X', 'x', 'n', '-'];

/** Which characters are masked, given how many there are. */
type Masked = (index: number, count: number, length: number) => boolean;

const PARTS: readonly (readonly [name: string, what: string, masked: Masked, sample: string, ownSample: string])[] = [
  ['mask_left', 'the first characters', (index, count) => index < count, 'Xx-Xest 123', '** *est 123'],
  ['mask_right', 'the last characters', (index, count, length) => index >= length - count, 'My Test-nnn', 'My Test ###'],
  ['mask_keep_left', 'all but the first characters', (index, count) => index >= count, 'My Txxx-nnn', 'My T*** ###'],
  ['mask_keep_right', 'all but the last characters', (index, count, length) => index < length - count, 'Xx-Xxxx 123', '** **** 123'],
];

const NOTE = 'letters become X and x, digits n, others - (as in ksqlDB)';
const OWN_NOTE = 'with other masks for upper case, lower case, digits and others; NULL keeps them (as in ksqlDB)';

/** Masks for personal data. A NULL text stays NULL. */
export const maskFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string]>({
    signature: 'mask(text) -> text',
    family: 'string',
    description: `Every character masked: ${NOTE}`,
    examples: [
      ["mask('My Test $123')", 'Xx-Xxxx--nnn'],
      ['mask(NULL)', null],
    ],
    evaluate: ([text]) => masked(text, DEFAULT_MASKS, () => true),
  }),
  defineFunction<[string | null, ...(string | null)[]]>({
    signature: 'mask(text, text, text, text, text) -> text',
    family: 'string',
    description: `Every character masked, ${OWN_NOTE}`,
    examples: [
      ["mask('My Test $123', '*', NULL, '1', NULL)", '*y *est $111'],
      ["mask(NULL, '*', '*', '*', '*')", null],
    ],
    nullBehaviour: 'called',
    evaluate: ([text, ...masks]) => (text === null ? null : masked(text, masks, () => true)),
  }),
  ...PARTS.flatMap(([name, what, isMasked, sample, ownSample]) => [
    defineFunction<[string, number]>({
      signature: `${name}(text, int4) -> text`,
      family: 'string',
      description: `Masks ${what}: ${NOTE}`,
      examples: [
        [`${name}('My Test 123', 4)`, sample],
        [`${name}(NULL, 4)`, null],
      ],
      evaluate: ([text, count]) => masked(text, DEFAULT_MASKS, (index, length) => isMasked(index, count, length)),
    }),
    defineFunction<[string | null, number | null, ...(string | null)[]]>({
      signature: `${name}(text, int4, text, text, text, text) -> text`,
      family: 'string',
      description: `Masks ${what}, ${OWN_NOTE}`,
      examples: [[`${name}('My Test 123', 4, '*', '*', '#', NULL)`, ownSample]],
      nullBehaviour: 'called',
      evaluate: ([text, count, ...masks]) =>
        text === null || count === null ? null : masked(text, masks, (index, length) => isMasked(index, count, length)),
    }),
  ]),
];

function masked(text: string, masks: Masks, isMasked: (index: number, length: number) => boolean): string {
  const characters = Array.from(text);
  return characters.map((character, index) => (isMasked(index, characters.length) ? (masks[classOf(character)] ?? character) : character)).join('');
}

function classOf(character: string): number {
  if (/\p{Lu}/u.test(character)) return 0;
  if (/\p{Ll}/u.test(character)) return 1;
  return /\p{Nd}/u.test(character) ? 2 : 3;
}
