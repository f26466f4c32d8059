import { describe, expect, it } from 'vitest';
import { nextWindowEnd } from './next-window.ts';

describe('the next end of a window', () => {
  it('is strictly after the moment, also at an end and before 1970', () => {
    const tumble = { kind: 'tumble', sizeMicros: 10n, offsetMicros: 3n } as const;
    expect([12n, 13n, 14n, -1n, -7n, -8n].map((at) => nextWindowEnd(tumble, at))).toEqual([13n, 23n, 23n, 3n, 3n, -7n]);
  });

  it('comes with each slide of HOP and each step of CUMULATE', () => {
    expect(nextWindowEnd({ kind: 'hop', sizeMicros: 10n, slideMicros: 4n, offsetMicros: 0n }, 10n)).toBe(14n);
    expect(nextWindowEnd({ kind: 'cumulate', sizeMicros: 10n, stepMicros: 5n, offsetMicros: 0n }, 10n)).toBe(15n);
  });

  it('is not known of a session', () => {
    expect(nextWindowEnd({ kind: 'session', gapMicros: 10n, partitionBy: [] }, 10n)).toBeNull();
  });
});
