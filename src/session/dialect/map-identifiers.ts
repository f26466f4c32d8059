import type { AstNode, FunctionArgument, Identifier } from '../../sql/index.ts';

/** Where an identifier stands: the kind of the node that holds it and the property of that node. */
export interface IdentifierPlace {
  readonly kind: string;
  readonly property: string;
}

/**
 * Kinds whose names are not of the user's relations and columns: functions, types, options. A name given to an argument is the function's, and the
 * fields of a row are as the type spells them.
 */
const foreign: ReadonlySet<string> = new Set([
  'named-type/name',
  'row-type/fields',
  'function-call/name',
  'function-argument/name',
  'function-signature/name',
  'field-access/field',
  'create-function/name',
  'hint/name',
  'collation/collation',
  'create-index/method',
  'define/name',
  'undefine/name',
]);

/** The tree with every identifier of a relation or column replaced by what `change` makes of it; what has none is shared with the old tree. */
export function mapIdentifiers<Node>(node: Node, change: (identifier: Identifier, place: IdentifierPlace) => Identifier): Node {
  return mapped(node, { kind: '', property: '' }, change) as Node;
}

function mapped(node: unknown, place: IdentifierPlace, change: (identifier: Identifier, place: IdentifierPlace) => Identifier): unknown {
  if (Array.isArray(node)) {
    const items = node.map((item) => mapped(item, place, change));
    return items.some((item, index) => item !== node[index]) ? items : node;
  }
  if (typeof node !== 'object' || node === null) return node;
  const { kind } = node as AstNode;
  if (kind === 'identifier') return change(node as Identifier, place);
  let copy: Record<string, unknown> | null = null;
  for (const [property, value] of Object.entries(node)) {
    // A qualified name stands for what holds it.
    const here = kind === 'qualified-name' || kind === undefined ? place : { kind, property };
    if (property === 'span' || (foreign.has(`${here.kind}/${here.property}`) && !isParameter(node as AstNode, property))) continue;
    const changed = mapped(value, here, change);
    if (changed === value) continue;
    copy ??= { ...node };
    copy[property] = changed;
  }
  return copy ?? node;
}

/** `x => x + 1` is read as an argument with a name; where its value speaks of that name it is the user's, a lambda's parameter. */
function isParameter(node: AstNode, property: string): boolean {
  if (node.kind !== 'function-argument' || property !== 'name') return false;
  const { name, value } = node as FunctionArgument;
  let found = false;
  mapIdentifiers(value, (identifier) => {
    found ||= name !== null && identifier.text.toLowerCase() === name.text.toLowerCase();
    return identifier;
  });
  return found;
}
