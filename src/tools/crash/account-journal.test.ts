import { expect, test } from 'vitest';
import { AccountJournal, type Effect } from './account-journal.ts';

const effect = (amounts: Readonly<Record<string, number>>): Effect => new Map(Object.entries(amounts));
const accounts = (a: number, b: number) => new Map(Object.entries({ a, b }));

test('what was acknowledged is there, and nothing else', () => {
  const journal = new AccountJournal(['a', 'b']);
  journal.acknowledged(effect({ a: 5 }));
  expect(journal.settle(accounts(5, 0))).toBeNull();
  expect(journal.settle(accounts(0, 0))).toBe('a -5; of unknown outcome: ');
  expect(journal.settle(accounts(5, 3))).toBe('b +3; of unknown outcome: ');
});

test('of what nobody knows all is there or nothing', () => {
  const journal = new AccountJournal(['a', 'b']);
  journal.unknown(effect({ a: -5, b: 5 }));
  journal.unknown(effect({ a: 7 }));
  expect(journal.settle(accounts(-5, 0))).toBe('a -5; of unknown outcome: [["a",-5],["b",5]] [["a",7]]');
  expect(journal.settle(accounts(2, 5))).toBeNull();
  expect(journal.certain).toEqual(accounts(2, 5));
});

test('what was looked for twice does not come any more', () => {
  const journal = new AccountJournal(['a', 'b']);
  journal.unknown(effect({ a: 7 }));
  expect(journal.settle(accounts(0, 0))).toBeNull();
  expect(journal.settle(accounts(0, 0))).toBeNull();
  expect(journal.settle(accounts(7, 0))).not.toBeNull();
});

test('an account that is missing or twice there agrees with nothing', () => {
  const journal = new AccountJournal(['a', 'b']);
  expect(journal.settle(new Map([['a', 0]]))).toContain('b NaN');
  expect(journal.settle(new Map([...accounts(0, 0), ['c', 0]]))).toContain('c NaN');
});
