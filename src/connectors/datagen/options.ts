import { SqlError, SqlState } from '../../base/index.ts';
import type { OptionDefinition } from '../../spi/index.ts';

export const datagenOptions: readonly OptionDefinition[] = [
  {
    name: 'rows-per-second',
    alterable: true,
    aliases: ['datagen.rows.per.second'],
    type: 'integer',
    default: '10000',
    description: 'Rows generated a second; 0 = as fast as they are taken.',
  },
  { name: 'number-of-rows', type: 'integer', description: 'Rows in all; without it the source never ends.' },
  { name: 'seed', type: 'integer', default: '1', description: 'Same seed, same rows.' },
  {
    name: 'fields.*',
    type: 'text',
    description: 'fields.NAME.kind = random | sequence, .min, .max, .length, .start, .end, .null-rate, .choices = a,b,c',
  },
];

/** How one column is generated. */
export interface FieldGenerator {
  readonly kind: 'random' | 'sequence';
  readonly min: number | null;
  readonly max: number | null;
  readonly length: number;
  readonly start: number;
  readonly nullRate: number;
  readonly choices: readonly string[] | null;
}

const properties = ['kind', 'min', 'max', 'length', 'start', 'end', 'null-rate', 'choices'];

/** Options of one column, from `fields.NAME.property`. Errors: 42704 for an unknown property, 22023 for a value that is no number. */
export function fieldGenerator(column: string, options: ReadonlyMap<string, string>): FieldGenerator {
  const prefix = `fields.${column}.`;
  for (const key of options.keys()) {
    if (key.toLowerCase().startsWith(prefix.toLowerCase()) && !properties.includes(key.slice(prefix.length))) {
      throw new SqlError({
        code: SqlState.undefinedObject,
        message: `unknown option "${key}"`,
        hint: `Properties of a field are: ${properties.join(', ')}.`,
      });
    }
  }
  const text = (property: string): string | undefined => options.get(prefix + property);
  const number = (property: string): number | null => {
    const value = text(property);
    if (value === undefined) return null;
    const parsed = Number(value);
    if (Number.isNaN(parsed))
      throw new SqlError({ code: SqlState.invalidParameterValue, message: `option "${prefix}${property}" requires a number, not "${value}"` });
    return parsed;
  };
  const kind = text('kind') ?? 'random';
  if (kind !== 'random' && kind !== 'sequence') {
    throw new SqlError({ code: SqlState.invalidParameterValue, message: `option "${prefix}kind" is "${kind}"`, hint: 'Use random or sequence.' });
  }
  return {
    kind,
    min: number('min'),
    max: number('max'),
    length: number('length') ?? 8,
    start: number('start') ?? 0,
    nullRate: number('null-rate') ?? 0,
    choices: text('choices')?.split(',') ?? null,
  };
}
