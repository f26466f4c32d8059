import type { Random } from '../../base/index.ts';
import { oneOf, percent, weighted } from './choose.ts';
import type { LawScope, RandomExpression } from './random-expression.ts';
import type { LawType } from './relations.ts';

const types: readonly LawType[] = ['int', 'int', 'int', 'text', 'numeric', 'time', 'bool'];

/** What a call gives is made the generator's type of it; without a cast it has that already. */
const casts: Partial<Record<LawType, string>> = { int: '::int', numeric: '::numeric', text: '::text' };

/** Aggregate calls whose value does not depend on the order of the rows: those that gather are ordered by what they gather. */
export class RandomAggregate {
  readonly #random: Random;
  readonly #expression: RandomExpression;

  constructor(random: Random, expression: RandomExpression) {
    this.#random = random;
    this.#expression = expression;
  }

  of(type: LawType, scope: LawScope): string {
    const random = this.#random;
    const plain: LawScope = { ...scope, subquery: null };
    const filter = percent(random, 15) ? ` FILTER (WHERE ${this.#expression.condition(plain, 1)})` : '';
    return `(${this.#call(type, plain)}${filter})${casts[type] ?? ''}`;
  }

  #call(type: LawType, scope: LawScope): string {
    const random = this.#random;
    const of = (argument: LawType): string => typed(this.#expression.of(argument, scope, 1));
    const distinct = percent(random, 15) ? 'DISTINCT ' : '';
    switch (type) {
      case 'int':
        return weighted(random, [
          [3, 'count(*)'],
          [2, `count(${distinct}${of(oneOf(random, types))})`],
          [2, `min(${of('int')})`],
          [2, `max(${of('int')})`],
          [1, `${oneOf(random, ['bit_and', 'bit_or', 'bit_xor'])}(${of('int')})`],
          [1, this.#orderedSet('int', of('int'))],
        ]);
      case 'numeric':
        return weighted(random, [
          [2, `sum(${distinct}${of('numeric')})`],
          [2, `avg(${distinct}${of('int')})`],
          [1, `max(${of('numeric')})`],
          [1, `${oneOf(random, ['var_pop', 'var_samp', 'stddev_samp'])}(${of('int')})`],
          [1, this.#orderedSet('numeric', of('numeric'))],
        ]);
      case 'text':
        return this.#text(of, distinct);
      case 'time':
        return weighted(random, [
          [3, `${oneOf(random, ['min', 'max'])}(${of('time')})`],
          [1, this.#orderedSet('time', of('time'))],
        ]);
      case 'bool':
        return `${oneOf(random, ['bool_and', 'bool_or', 'every'])}(${this.#expression.condition(scope, 1)})`;
    }
  }

  #text(of: (type: LawType) => string, distinct: string): string {
    const random = this.#random;
    const value = of('text');
    const gathered = of(oneOf(random, types));
    const descending = percent(random, 40) ? ' DESC' : '';
    return weighted(random, [
      [2, `min(${value})`],
      [2, `max(${value})`],
      [2, `string_agg(${distinct}${value}, ',' ORDER BY ${value}${descending})`],
      [2, `array_agg(${distinct}${gathered} ORDER BY ${gathered}${descending})`],
      [1, `jsonb_agg(${value} ORDER BY ${value})`],
      [1, `jsonb_object_agg(coalesce(${value}, ''), length(coalesce(${value}, '')))`],
      [1, this.#orderedSet('text', value)],
    ]);
  }

  /** Of values of which the smallest of several that are equally frequent is taken, or one at a fraction. */
  #orderedSet(type: LawType, value: string): string {
    const random = this.#random;
    const within = `WITHIN GROUP (ORDER BY ${value}${percent(random, 30) ? ' DESC' : ''})`;
    const call = oneOf(random, ['mode()', 'percentile_disc(0.5)', 'percentile_disc(0.9)']);
    if (type === 'numeric' && percent(random, 30)) return `percentile_cont(0.25) ${within}`;
    return `${call} ${within}`;
  }
}

/** PostgreSQL does not gather a literal that has no type of its own. */
function typed(expression: string): string {
  return expression.startsWith("'") ? `${expression}::text` : expression;
}
