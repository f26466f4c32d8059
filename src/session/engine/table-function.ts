import { SqlError, SqlState } from '../../base/index.ts';
import { findTableFunction } from '../../plan/index.ts';
import type { TableFunctionDefinition } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { EngineRegistries } from './engine-parts.ts';

/** The definition a plan's table function means; a declared one is named by its signature. Errors: 42883, where the plan is older than the built-ins. */
export function tableFunctionOf(
  registries: Pick<EngineRegistries, 'functions' | 'tableFunctions'>,
  name: string,
  argumentTypes: readonly SqlType[],
): TableFunctionDefinition {
  const found = registries.tableFunctions.get(name) ?? findTableFunction(registries.functions, name, argumentTypes);
  if (found !== null) return found;
  throw new SqlError({ code: SqlState.undefinedFunction, message: `table function ${name} does not exist` });
}
