import { describe, expect, it } from 'vitest';
import type { StepResult } from '../../runtime/index.ts';
import { Rota } from './rota.ts';

describe('a rota', () => {
  it('has those who have been woken, and keeps whoever makes progress', () => {
    const rota = new Rota(() => undefined);
    const results: StepResult[] = ['progress', 'progress', 'idle'];
    const turn = rota.join('task', () => results.shift()!);
    rota.join('another', () => 'idle');
    expect(rota.awake()).toEqual([]);
    turn.wake();
    for (const left of [2, 1, 0]) {
      expect(rota.awake()).toEqual([turn]);
      turn.step();
      expect(results).toHaveLength(left);
    }
    expect(rota.someoneAwake).toBe(false);
    expect(turn.step()).toBe('idle');
  });

  it('keeps one that was woken in its own step, and forgets one that leaves', () => {
    const rota = new Rota(() => undefined);
    const turn = rota.join('task', () => {
      turn.wake();
      return 'blocked';
    });
    turn.wake();
    expect(turn.step()).toBe('blocked');
    expect(rota.awake()).toEqual([turn]);
    turn.leave();
    turn.wake();
    expect(rota.someoneAwake).toBe(false);
  });

  it('tells its host of those who are woken between two turns', () => {
    let told = 0;
    const rota = new Rota(() => told++);
    const second = rota.join('second', () => 'idle');
    const first = rota.join('first', () => {
      second.wake();
      return 'idle';
    });
    first.wake();
    expect(told).toBe(1);
    first.step();
    expect(told).toBe(1);
    expect(rota.awake()).toEqual([second]);
    second.step();
    rota.wakeAll();
    expect(told).toBe(3);
  });
});
