import type { OpenConstruct } from '../input/index.ts';
import type { TransactionStatus } from '../wire/index.ts';

/** Prompt for the lines of COPY's data. */
export const COPY_PROMPT = '>> ';

const openSigns: Readonly<Record<OpenConstruct, string>> = {
  start: '=',
  statement: '-',
  quote: "'",
  identifier: '"',
  dollar: '$',
  comment: '*',
  parentheses: '(',
};

const transactionSigns: Readonly<Record<TransactionStatus, string>> = { I: '', T: '*', E: '!' };

/** `fsql=> `; what the input is inside of stands in the place of `=`, a transaction is `*`, a failed one `!`. */
export function promptFor(inside: OpenConstruct, status: TransactionStatus): string {
  return `fsql${openSigns[inside]}${transactionSigns[status]}> `;
}
