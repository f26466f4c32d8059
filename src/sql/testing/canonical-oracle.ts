import type { Canonical } from './canonical-expression.ts';

/** A node of libpg-query's JSON: one key, the node's type, over its fields. Unset fields are missing. */
type OracleNode = Readonly<Record<string, OracleFields>>;

type OracleFields = Readonly<Record<string, unknown>>;

/** PostgreSQL's tree of an expression in the neutral shape. */
export function canonicalOracle(node: unknown): Canonical {
  const [type, fields] = Object.entries(node as OracleNode)[0]!;
  const reader = readers[type];
  if (reader === undefined) return [`unknown ${type}`];
  return reader(fields);
}

const readers: Readonly<Record<string, (fields: OracleFields) => Canonical>> = {
  A_Const: constant,
  ColumnRef: ({ fields }) => ['column', ...strings(fields)],
  ParamRef: ({ number }) => ['parameter', String(number)],
  A_Expr: operation,
  BoolExpr: ({ boolop, args }) => {
    const tag = { AND_EXPR: 'and', OR_EXPR: 'or', NOT_EXPR: 'not' }[boolop as string]!;
    return [tag, ...list(args)];
  },
  NullTest: ({ arg, nulltesttype }) => ['is', nulltesttype === 'IS_NULL' ? 'null' : 'not null', canonicalOracle(arg)],
  BooleanTest: ({ arg, booltesttype }) => ['is', String(booltesttype).toLowerCase().replace('is_', '').replace('not_', 'not '), canonicalOracle(arg)],
  TypeCast: ({ arg, typeName }) => ['cast', canonicalOracle(arg), typeText(typeName)],
  CollateClause: ({ arg, collname }) => ['collate', canonicalOracle(arg), ...strings(collname)],
  CaseExpr: ({ args, defresult }) => ['case', ...list(args), optional(defresult)],
  CaseWhen: ({ expr, result }) => ['when', canonicalOracle(expr), canonicalOracle(result)],
  RowExpr: ({ args }) => ['row', ...list(args)],
  A_ArrayExpr: ({ elements }) => ['array', ...list(elements)],
  A_Indirection: ({ arg, indirection }) => (indirection as unknown[]).reduce<Canonical>(indirect, canonicalOracle(arg)),
  FuncCall: call,
};

function list(nodes: unknown): Canonical[] {
  return ((nodes as unknown[] | undefined) ?? []).map(canonicalOracle);
}

function optional(node: unknown): Canonical | null {
  return node === undefined ? null : canonicalOracle(node);
}

function strings(nodes: unknown): string[] {
  return (nodes as { String: { sval: string } }[]).map((node) => node.String.sval);
}

function constant(fields: OracleFields): Canonical {
  const { isnull, ival, fval, sval, boolval } = fields as {
    isnull?: boolean;
    ival?: { ival?: number };
    fval?: { fval: string };
    sval?: { sval?: string };
    boolval?: { boolval?: boolean };
  };
  if (isnull) return ['null'];
  if (ival) return ['number', String(ival.ival ?? 0)];
  if (fval) return ['number', String(Number(fval.fval))];
  if (boolval) return ['boolean', String(boolval.boolval ?? false)];
  return ['string', sval?.sval ?? ''];
}

function indirect(operand: Canonical, step: unknown): Canonical {
  const { A_Indices: indices, String: field } = step as { A_Indices?: { uidx: unknown }; String?: { sval: string } };
  return indices === undefined ? ['field', operand, field!.sval] : ['subscript', operand, canonicalOracle(indices.uidx)];
}

function operation(fields: OracleFields): Canonical {
  const { kind, lexpr, rexpr } = fields;
  const name = strings(fields.name).join('.');
  const left = optional(lexpr);
  const negated = name.startsWith('!') || name === '<>' ? 'not ' : '';
  switch (kind as string) {
    case 'AEXPR_OP':
      return ['operator', name, left, canonicalOracle(rexpr)];
    case 'AEXPR_OP_ANY':
      return ['any', name, left, canonicalOracle(rexpr)];
    case 'AEXPR_OP_ALL':
      return ['all', name, left, canonicalOracle(rexpr)];
    case 'AEXPR_DISTINCT':
      return ['distinct', left, canonicalOracle(rexpr)];
    case 'AEXPR_NOT_DISTINCT':
      return ['not distinct', left, canonicalOracle(rexpr)];
    case 'AEXPR_IN':
      return [`${negated}in`, left, ...items(rexpr)];
    case 'AEXPR_LIKE':
      return [`${negated}like`, left, ...pattern(rexpr)];
    case 'AEXPR_ILIKE':
      return [`${negated}ilike`, left, ...pattern(rexpr)];
    case 'AEXPR_SIMILAR':
      return [`${negated}similar-to`, left, ...pattern(rexpr)];
    default:
      return [between(String(kind)), left, ...items(rexpr)];
  }
}

function between(kind: string): string {
  const negated = kind.includes('NOT_BETWEEN') ? 'not ' : '';
  return `${negated}between${kind.endsWith('_SYM') ? ' symmetric' : ''}`;
}

function items(node: unknown): Canonical[] {
  return list((node as { List: { items: unknown } }).List.items);
}

/** PostgreSQL hides ESCAPE, and every SIMILAR TO, in a call around the pattern. */
function pattern(node: unknown): (Canonical | null)[] {
  const { FuncCall: wrapped } = node as { FuncCall?: { funcname: unknown; args: unknown[] } };
  const name = wrapped === undefined ? '' : strings(wrapped.funcname).join('.');
  if (name !== 'pg_catalog.like_escape' && name !== 'pg_catalog.similar_to_escape') return [canonicalOracle(node), null];
  return [canonicalOracle(wrapped!.args[0]), optional(wrapped!.args[1])];
}

function call(fields: OracleFields): Canonical {
  const name = strings(fields.funcname).join('.');
  if (name === 'pg_catalog.timezone') {
    const [zone, operand] = list(fields.args);
    return ['time zone', operand!, zone!];
  }
  return fields.agg_star ? ['call', name, '*'] : ['call', name, ...list(fields.args)];
}

function typeText(type: unknown): string {
  const { names, typmods, arrayBounds } = type as { names: unknown; typmods?: unknown[]; arrayBounds?: unknown[] };
  const modifiers = (typmods ?? []).map((modifier) => canonicalOracle(modifier)[1]);
  return strings(names).at(-1)! + (modifiers.length === 0 ? '' : `(${modifiers.join(',')})`) + '[]'.repeat(arrayBounds?.length ?? 0);
}
