import type { Expression, Identifier, IntervalFields, NamedType, QualifiedName, TypedColumn, TypeName } from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';

export function printIdentifiers(identifiers: readonly Identifier[]): string {
  return identifiers.map(quoteIfNeeded).join(', ');
}

export function printName(name: QualifiedName): string {
  return name.parts.map(quoteIfNeeded).join('.');
}

export function printString(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

export function printTypedColumns(columns: readonly TypedColumn[]): string {
  return columns.map((column) => `${quoteIfNeeded(column.name)} ${printType(column.type)}`).join(', ');
}

export function printType(type: TypeName): string {
  switch (type.kind) {
    case 'named-type':
      return printNamedType(type);
    case 'array-type':
      if (type.elementNotNull) return `ARRAY<${printType(type.element)} NOT NULL>`;
      return `${printType(type.element)}[${type.bound ?? ''}]`;
    case 'row-type': {
      const fields = type.fields.map((field) => {
        const comment = field.comment === null ? '' : ` ${printString(field.comment)}`;
        return `${quoteIfNeeded(field.name)} ${printType(field.type)}${field.notNull ? ' NOT NULL' : ''}${comment}`;
      });
      return `ROW<${fields.join(', ')}>`;
    }
    case 'map-type':
      return `MAP<${printType(type.key)}, ${printType(type.value)}>`;
    case 'multiset-type':
      return `MULTISET<${printType(type.element)}>`;
  }
}

/** The modifiers stand behind the first word: `timestamp(3) with time zone`, and at the end of every other name of several words. */
function printNamedType(type: NamedType): string {
  const name = printName(type.name);
  const modifiers = type.modifiers.length === 0 ? '' : `(${type.modifiers.map(printModifier).join(', ')})`;
  const fields = type.intervalFields === null ? '' : ` ${printIntervalFields(type.intervalFields)}`;
  const zone = / with(?:out)? time zone$/.exec(name);
  if (zone === null) return `${name}${fields}${modifiers}`;
  return name.slice(0, zone.index) + modifiers + zone[0];
}

function printModifier(modifier: Expression): string {
  switch (modifier.kind) {
    case 'number-literal':
      return modifier.text;
    case 'string-literal':
      return printString(modifier.value);
    case 'column-reference':
      return modifier.name.map(quoteIfNeeded).join('.');
    case 'unary':
      return modifier.operator.symbol + printModifier(modifier.operand);
    default:
      return '';
  }
}

export function printIntervalFields(fields: IntervalFields): string {
  const to = fields.to === null ? '' : ` TO ${fields.to.toUpperCase()}`;
  const precision = fields.precision === null ? '' : `(${fields.precision})`;
  return fields.from.toUpperCase() + to + precision;
}
