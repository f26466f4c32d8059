import { float8Type, int4Type, int8Type, type SqlType, unknownType } from '../../types/index.ts';
import type { Callable } from './argument-pattern.ts';

/** A function that needs a window (PostgreSQL, "Window Functions"). A closed family: the standard lists them. */
interface WindowFunction extends Callable {
  readonly resultType: SqlType | ((args: readonly SqlType[]) => SqlType);
}

function ranking(name: string, resultType: SqlType): WindowFunction {
  return { name, signature: `${name}() -> ${resultType.kind}`, argumentTypes: [], resultType };
}

function overValue(name: string, parameters: string, argumentTypes: readonly SqlType[]): WindowFunction {
  const result = parameters.startsWith('anycompatible') ? 'anycompatible' : 'anyelement';
  return { name, signature: `${name}(${parameters}) -> ${result}`, argumentTypes, resultType: (args) => args[0]! };
}

export const windowFunctions: readonly WindowFunction[] = [
  ranking('row_number', int8Type),
  ranking('rank', int8Type),
  ranking('dense_rank', int8Type),
  ranking('percent_rank', float8Type),
  ranking('cume_dist', float8Type),
  { name: 'ntile', signature: 'ntile(int4) -> int4', argumentTypes: [int4Type], resultType: int4Type },
  ...['lag', 'lead'].flatMap((name) => [
    overValue(name, 'anyelement', [unknownType]),
    overValue(name, 'anyelement, int4', [unknownType, int4Type]),
    overValue(name, 'anycompatible, int4, anycompatible', [unknownType, int4Type, unknownType]),
  ]),
  overValue('first_value', 'anyelement', [unknownType]),
  overValue('last_value', 'anyelement', [unknownType]),
  overValue('nth_value', 'anyelement, int4', [unknownType, int4Type]),
];

export function windowFunctionsNamed(name: string): readonly WindowFunction[] {
  return windowFunctions.filter((definition) => definition.name === name);
}
