import { describe, expect, test } from 'vitest';
import { multisetDifference } from './row-difference.ts';

describe('multisetDifference', () => {
  test('does not look at the order, but at how often a row is there', () => {
    expect(multisetDifference(['a', 'b', 'a'], ['a', 'a', 'b'], 'as shown')).toBeNull();
    expect(multisetDifference(['a', 'b', 'a'], ['a', 'b', 'b'], 'as shown')).toBe('- a\n+ b');
  });

  test('numbers by value may end in zeros; texts and dates may not lose any', () => {
    expect(multisetDifference(['1.50\tx', '-2.00\ty'], ['1.5\tx', '-2\ty'], 'by value')).toBeNull();
    expect(multisetDifference(['1.50\tx'], ['1.5\tx'], 'as shown')).toBe('- 1.50\tx\n+ 1.5\tx');
    expect(multisetDifference(['1.5\tv1.0'], ['1.5\tv1'], 'by value')).toBe('- 1.5\tv1.0\n+ 1.5\tv1');
    expect(multisetDifference(['10'], ['1'], 'by value')).toBe('- 10\n+ 1');
  });
});
