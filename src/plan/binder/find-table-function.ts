import type { TableFunctionDefinition } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type ArgumentPattern, argumentPatterns } from './argument-pattern.ts';
import type { FunctionCatalog } from './function-catalog.ts';
import { sameKind } from './type-category.ts';

/** The definition a table-function node means: its name and the types of its arguments, which the binder has converted. Null: none. */
export function findTableFunction(catalog: FunctionCatalog, name: string, types: readonly SqlType[]): TableFunctionDefinition | null {
  const fits = (definition: TableFunctionDefinition): boolean => {
    const patterns = argumentPatterns(definition);
    if (definition.variadic === true ? types.length < patterns.length - 1 : types.length !== patterns.length) return false;
    return types.every((type, index) => accepts(patterns[Math.min(index, patterns.length - 1)]!, type));
  };
  return catalog.tableFunctions(name).find(fits) ?? null;
}

function accepts(pattern: ArgumentPattern, type: SqlType): boolean {
  switch (pattern.kind) {
    case 'type':
      return sameKind(pattern.type, type);
    case 'array':
      return type.kind === 'array';
    case 'record':
      return type.kind === 'row';
    case 'map':
      return pattern.part !== 'map' || type.kind === 'map';
    default:
      return true;
  }
}
