import { type Expression, foldIdentifier, type QueryBody, type SelectItem, type TypeName } from '../../sql/index.ts';
import { resolveTypeName } from './resolve-type-name.ts';

/** A name and how much it insists: a cast's type gives way to the name of what is cast (PostgreSQL's FigureColname). */
interface Figured {
  readonly name: string;
  readonly strong: boolean;
}

/** The name of an output column: its alias, or what the expression suggests, or `?column?`. */
export function outputName(item: SelectItem): string {
  return item.alias === null ? suggestedName(item.expression) : foldIdentifier(item.alias);
}

function suggestedName(expression: Expression): string {
  return figure(expression)?.name ?? '?column?';
}

function figure(expression: Expression): Figured | null {
  switch (expression.kind) {
    case 'column-reference':
      return strong(foldIdentifier(expression.name.at(-1)!));
    case 'field-access':
      return strong(foldIdentifier(expression.field));
    case 'function-call':
      return strong(foldIdentifier(expression.name.parts.at(-1)!));
    case 'json-path-call':
    case 'json-constructor':
      return strong(expression.function);
    case 'current-value':
      return strong(expression.name);
    case 'subscript':
    case 'slice':
    case 'collate':
      return figure(expression.operand);
    case 'at-time-zone':
      return strong('timezone');
    case 'exists':
      return strong('exists');
    case 'array':
    case 'array-subquery':
      return strong('array');
    case 'map':
      return strong('map');
    case 'row':
      return strong('row');
    case 'scalar-subquery':
      return subqueryName(expression.query.body);
    case 'cast':
      return castName(expression.operand, expression.type);
    case 'typed-literal':
      return { name: typeNameOf(expression.type), strong: false };
    case 'interval-literal':
      return { name: 'interval', strong: false };
    case 'boolean-literal':
      return { name: 'bool', strong: false };
    case 'case': {
      const otherwise = expression.otherwise === null ? null : figure(expression.otherwise);
      return otherwise?.strong ? otherwise : { name: 'case', strong: false };
    }
    default:
      return null;
  }
}

function strong(name: string): Figured {
  return { name, strong: true };
}

function castName(operand: Expression, type: TypeName): Figured {
  const inner = figure(operand);
  return inner?.strong ? inner : { name: typeNameOf(type), strong: false };
}

/** PostgreSQL's internal name of the type: int4 for integer, timestamptz for the long form. */
function typeNameOf(type: TypeName): string {
  const resolved = resolveTypeName(type);
  if (resolved.kind === 'array') return type.kind === 'array-type' ? typeNameOf(type.element) : resolved.element.kind;
  if (resolved.kind === 'char') return 'bpchar';
  if (resolved.kind === 'internal_char') return 'char';
  return resolved.kind === 'row' ? 'row' : resolved.kind;
}

function subqueryName(body: QueryBody): Figured | null {
  if (body.kind !== 'select' || body.items.length === 0) return null;
  return strong(outputName(body.items[0]!));
}
