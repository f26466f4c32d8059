import { type AstNode, foldIdentifier, type NamedType, type ParsedStatement, parseStatement, type TypeName } from '../../sql/index.ts';
import { placedAt } from './placed-at.ts';

/** The statement with the types that CREATE TYPE named written out. `definitions`: their CREATE TYPE by name. */
export function withOwnTypes(parsed: ParsedStatement, definitions: ReadonlyMap<string, string>): ParsedStatement {
  if (definitions.size === 0) return parsed;
  return { ...parsed, statement: replacedAt(parsed.statement, definitions) as ParsedStatement['statement'] };
}

function replacedAt(node: unknown, definitions: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(node)) return node.map((item) => replacedAt(item, definitions));
  if (typeof node !== 'object' || node === null) return node;
  if ((node as AstNode).kind === 'named-type') return ownType(node as NamedType, definitions) ?? node;
  return Object.fromEntries(Object.entries(node).map(([property, value]) => [property, replacedAt(value, definitions)]));
}

function ownType({ name, modifiers, span }: NamedType, definitions: ReadonlyMap<string, string>): TypeName | null {
  const definition = name.parts.length === 1 ? definitions.get(foldIdentifier(name.parts[0]!).toLowerCase()) : undefined;
  if (definition === undefined || modifiers.length > 0) return null;
  const statement = parseStatement(definition);
  return statement.kind === 'create-type' ? (placedAt(statement.type, span) as TypeName) : null;
}
