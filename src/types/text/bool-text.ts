import { invalidTextError } from '../type-error.ts';

/** PostgreSQL's parse_bool: unique prefixes of true, false, yes, no, and on, off, 1, 0. */
export function parseBool(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (word !== '') {
    if ('true'.startsWith(word) || 'yes'.startsWith(word) || word === 'on' || word === '1') return true;
    if ('false'.startsWith(word) || 'no'.startsWith(word) || word === 'off' || word === 'of' || word === '0') return false;
  }
  throw invalidTextError('boolean', text);
}
