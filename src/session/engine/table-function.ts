import { SqlError, SqlState } from '../../base/index.ts';
import { type FunctionCatalog, findTableFunction } from '../../plan/index.ts';
import type { TableFunctionDefinition } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';

/** The definition a plan's table function means. Errors: 42883, where the plan is older than the built-ins. */
export function tableFunctionOf(catalog: FunctionCatalog, name: string, argumentTypes: readonly SqlType[]): TableFunctionDefinition {
  const found = findTableFunction(catalog, name, argumentTypes);
  if (found !== null) return found;
  throw new SqlError({ code: SqlState.undefinedFunction, message: `table function ${name} does not exist` });
}
