import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, type FunctionLookup, mapExpression, printBoundExpression } from '../../expr/index.ts';
import { isLeftOnly, type JoinPlan } from '../../plan/logical/index.ts';
import { expressionIsNullable, extractJoinKeys, type JoinKey, type JoinKeys } from '../../plan/optimizer/index.ts';
import { type Distribution, FORGOTTEN_BY_TTL, type Lowering, type OperatorNode, type PhysicalPlan, ttlText } from '../../plan/physical/index.ts';
import { boolType, int4Type } from '../../types/index.ts';
import { type CalcColumn, calcNode, passThrough } from '../calc/lower.ts';
import { broadcastInput, broadcastText, localDistribution, routedInputs } from './broadcast-join.ts';
import type { Expiry } from './expiry.ts';
import { timeKeys } from './join-expiry.ts';
import { joinState } from './join-state.ts';
import { type JoinedSides, type KeyedSide, limitedSides, type Ttls, timeExpiry } from './limited-sides.ts';
import { type NotInJoin, notInJoin } from './not-in.ts';
import { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';

/** Joins of every kind. Equalities between the sides are hashed, the rest is tested on the joined row. */
export const lowerHashJoin: Lowering = {
  operator: 'hash-join',
  lower(plan, context) {
    if (plan.kind !== 'join') return null;
    if (plan.lateral) throw new SqlError({ code: SqlState.featureNotSupported, message: 'a continuous query cannot contain LATERAL yet' });
    const left = context.lower(plan.left);
    const right = context.lower(plan.right);
    const joinType = plan.joinType === 'cross' ? 'inner' : plan.joinType;
    const { functions } = context;
    const notIn = joinType === 'anti' ? notInJoin(plan, functions) : null;
    const ttls: Ttls = [context.stateTtl(plan.left), context.stateTtl(plan.right)];
    const broadcast = broadcastInput(plan);
    const joined =
      notIn === null
        ? hashJoin({ joinType, left, right, ...keysOfPlan(plan, functions), ttls, broadcast }, functions)
        : antiJoins(notIn, { left, right, ttls, broadcast }, functions);
    const output = joined.columns.map(({ type }, index): CalcColumn => {
      const { name } = plan.fields[index]!;
      return { name, expression: { kind: 'column', index, name, type } };
    });
    return calcNode(joined, null, output);
  },
};

/** The keys, and whether NULLs can be among them, by side. */
function keysOfPlan(plan: JoinPlan, functions: FunctionLookup): Pick<JoinParts, 'keys' | 'nullable'> {
  const keys = extractJoinKeys(plan, functions);
  const nullable = (side: 'left' | 'right'): boolean => keys.keys.some((key) => expressionIsNullable(key[side], plan[side]));
  return { keys, nullable: [nullable('left'), nullable('right')] };
}

interface JoinParts {
  readonly joinType: HashJoinSpec['joinType'];
  readonly left: PhysicalPlan;
  readonly right: PhysicalPlan;
  readonly keys: JoinKeys;
  readonly nullable: readonly [left: boolean, right: boolean];
  readonly ttls: Ttls;
  readonly broadcast: 0 | 1 | null;
}

/** The output has the names of the inputs' columns. */
function hashJoin(
  { joinType, left: leftPlan, right: rightPlan, keys, nullable, ttls, broadcast }: JoinParts,
  functions: FunctionLookup,
): PhysicalPlan {
  const width = leftPlan.columns.length;
  const leftKeys = keys.keys.map((key) => key.left);
  const rightKeys = keys.keys.map((key) => key.right);
  const wholeLeft = withKeyColumns(passThrough(leftPlan), leftPlan, leftKeys);
  // Whether there is a row with the key is all that is asked: of equal keys one is kept, with its number.
  const keysOnly = isLeftOnly(joinType) && keys.residual === null;
  const wholeRight = withKeyColumns(keysOnly ? [] : passThrough(rightPlan), rightPlan, rightKeys);
  const residualOver = (side: KeyedSide): Expression | null =>
    keys.residual === null ? null : moveRight(keys.residual, width, side.plan.columns.length - width);
  const { left, right, stamps } = limitedSides({ joinType, left: wholeLeft, right: wholeRight, residual: residualOver(wholeLeft) }, ttls, functions);
  const leftWidth = left.plan.columns.length;
  const joined = joinNode({ joinType, left, right, residual: residualOver(left), stamps, broadcast, nullable }, functions);
  // Key columns made for hashing are not part of the result.
  const kept = leftPlan.columns.map((column, index) => ({ ...column, index }));
  if (!isLeftOnly(joinType)) kept.push(...rightPlan.columns.map((column, index) => ({ ...column, index: leftWidth + index })));
  const output = kept.map(({ index, name, type }): CalcColumn => ({ name, expression: { kind: 'column', index, name, type } }));
  return calcNode(joined, null, output);
}

/**
 * NOT IN as three anti joins: against equal right rows; against right rows with NULL, which leave no row; and, of left rows with NULL alone, against
 * any right row. So each of them is hashed, and a comparison with NULL needs no look at all rows.
 */
function antiJoins(
  { compared, rest }: NotInJoin,
  { left, right, ttls, broadcast }: Omit<JoinParts, 'joinType' | 'keys' | 'nullable'>,
  functions: FunctionLookup,
): PhysicalPlan {
  const antiJoin = (input: PhysicalPlan, other: PhysicalPlan, added: readonly JoinKey[]): PhysicalPlan => {
    const keys = { keys: [...rest.keys, ...added], residual: rest.residual };
    // What comes out of the first join is without the rows that have been forgotten.
    const parts = { joinType: 'anti', left: input, right: other, keys, nullable: [true, true], broadcast } as const;
    return hashJoin({ ...parts, ttls: [input === left ? ttls[0] : null, ttls[1]] }, functions);
  };
  const withNull = calcNode(right, isNull(compared.right), passThrough(right));
  const zero: Expression = { kind: 'literal', type: int4Type, value: 0 };
  const zeroForNull: Expression = {
    kind: 'case',
    branches: [{ condition: isNull(compared.left), result: zero }],
    otherwise: null,
    type: int4Type,
  };
  const unequal = antiJoin(left, right, [compared]);
  return antiJoin(antiJoin(unequal, withNull, []), right, [{ left: zeroForNull, right: zero }]);
}

function isNull(input: Expression): Expression {
  return { kind: 'is-null', input, negated: false, type: boolType };
}

function moveRight(expression: Expression, leftWidth: number, by: number): Expression {
  return mapExpression(expression, (node) => (node.kind === 'column' && node.index >= leftWidth ? { ...node, index: node.index + by } : node));
}

/** The columns given of a plan, and those of its keys that are not among them. */
function withKeyColumns(given: readonly CalcColumn[], plan: PhysicalPlan, keys: readonly Expression[]): KeyedSide {
  const columns = [...given];
  const positions = keys.map((key, index) => {
    const there = columns.findIndex(({ expression }) => key.kind === 'column' && expression.kind === 'column' && expression.index === key.index);
    if (there >= 0) return there;
    return columns.push({ name: `key${index}`, expression: key }) - 1;
  });
  return { plan: calcNode(plan, null, columns), keys: positions };
}

const labels: Readonly<Record<HashJoinSpec['joinType'], string>> = {
  inner: 'Join',
  left: 'Left join',
  right: 'Right join',
  full: 'Full join',
  semi: 'Semi join',
  anti: 'Anti join',
  single: 'Single join',
};

interface JoinNodeParts extends JoinedSides {
  /** How rows of sides expire that do not by event time. */
  readonly stamps: readonly [left: Expiry | null, right: Expiry | null];
  readonly broadcast: 0 | 1 | null;
  /** NULLs can be among the keys, by side. */
  readonly nullable: readonly [left: boolean, right: boolean];
}

function joinNode(parts: JoinNodeParts, functions: FunctionLookup): PhysicalPlan {
  const { joinType, left, right, residual } = parts;
  const keyed = left.keys.length > 0;
  const { inputs, broadcast } = routedInputs(parts);
  const joined = [...left.plan.columns, ...right.plan.columns];
  const names = joined.map((column) => column.name);
  const equalities = left.keys.map((key, index) => `${left.plan.columns[key]!.name} = ${right.plan.columns[right.keys[index]!]!.name}`);
  const conditions = [...equalities, ...(residual === null ? [] : [printBoundExpression(residual, names)])];
  const latenessMicros = commonLateness(left.plan.latenessMicros, right.plan.latenessMicros);
  const timed = timeExpiry(parts, functions);
  const expiry = [timed[0] ?? parts.stamps[0], timed[1] ?? parts.stamps[1]] as const;
  const appendOnly = left.plan.appendOnly && right.plan.appendOnly && (joinType === 'inner' || joinType === 'semi');
  return {
    kind: 'operator',
    operator: {
      kind: hashJoinSpecCodec.kind,
      version: hashJoinSpecCodec.version,
      parameters: hashJoinSpecCodec.encode({
        joinType,
        leftKeys: left.keys,
        rightKeys: right.keys,
        residual,
        expiry,
        latenessMicros: latenessMicros ?? 0n,
        broadcast,
      }),
      label: `${labels[joinType]} ${conditions.length === 0 ? 'every pair' : conditions.join(' AND ')}${broadcastText(broadcast)}${keptText(parts, expiry)}${stampText(expiry)}`,
    },
    state: { kept: joinState({ ...parts, broadcast: broadcast?.input ?? null }, expiry), content: 'input' },
    inputs,
    parallelism: keyed || broadcast !== null ? 'all' : 'one',
    columns: isLeftOnly(joinType) ? left.plan.columns : joined,
    appendOnly,
    net: joinType === 'semi',
    distribution: broadcast === null ? distributionOf(parts) : localDistribution(parts, broadcast),
    uniqueKeys: isLeftOnly(joinType) ? left.plan.uniqueKeys : [],
    ...timeTraits(parts),
    latenessMicros,
    ...shownAgain(parts, expiry),
    ...(expiry.some((one) => one?.clock === 'epoch') && { expires: true }),
    ...(keyed || broadcast !== null || [left, right].some(({ plan }) => hasOneRow(plan)) ? {} : { warning: everyPairWarning }),
  };
}

/** The joins that show rows of a side by themselves where they have no match, by side. */
const SHOWN_ALONE: readonly (readonly HashJoinSpec['joinType'][])[] = [
  ['left', 'full', 'anti', 'single'],
  ['right', 'full'],
];

/** What is shown depends on the rows that are kept alone. */
function shownAgain(
  { joinType, left, right, nullable }: JoinNodeParts,
  expiry: HashJoinSpec['expiry'],
): Pick<OperatorNode, 'showsAgain' | 'cannotShow'> {
  const gone = expiry.find((one) => one !== null);
  if (gone !== undefined)
    return { cannotShow: gone.clock === 'epoch' ? FORGOTTEN_BY_TTL : 'rows that the watermark has passed are not in its state any more' };
  const alone = [left, right].filter((_, side) => nullable[side] && SHOWN_ALONE[side]!.includes(joinType));
  if (alone.length === 0) return { showsAgain: true };
  const names = alone.flatMap(({ plan, keys }) => keys.map((key) => plan.columns[key]!.name));
  return { cannotShow: `rows with NULL in ${[...new Set(names)].join(' or ')}, which match nothing, are shown and not kept` };
}

const everyPairWarning = {
  message: 'a join without an equality between its sides tests every pair of rows, in one task',
  hint: 'Add an equality such as a.k = b.k, or keep one side small.',
};

/** A key of no columns: there is one row at most, as of an aggregate without GROUP BY. */
function hasOneRow(plan: PhysicalPlan): boolean {
  return plan.uniqueKeys.some((key) => key.length === 0);
}

function stampText(expiry: readonly (Expiry | null)[]): string {
  const ttls = expiry.flatMap((one) => (one?.clock === 'epoch' ? [one.slackMicros / 1000] : []));
  return ttls.length === 0 ? '' : ttlText(Math.max(...ttls));
}

/** For how long rows are kept, as far as that has an end. */
function keptText({ left, right }: JoinNodeParts, expiry: readonly [left: Expiry | null, right: Expiry | null]): string {
  const texts = [left, right].flatMap(({ plan }, input) => {
    const one = expiry[input];
    if (!one || one.clock === 'epoch') return [];
    const slack = one.slackMicros === 0 ? '' : ` + ${one.slackMicros / 1_000_000} s`;
    return [`${input === 0 ? 'left' : 'right'} ${plan.columns[one.column]!.name}${slack}`];
  });
  return texts.length === 0 ? '' : ` · rows kept until the watermark passes ${texts.join(', ')}`;
}

/**
 * Event times of the output. A change comes with a row of either side, of which the other may be as old as there are, unless both have the same time by
 * their key. NULLs in place of a side are no window.
 */
function timeTraits(parts: JoinNodeParts): Pick<PhysicalPlan, 'window' | 'eventTimes'> {
  const { joinType, left, right } = parts;
  if (joinType === 'full') return { window: null, eventTimes: [] };
  const keys = timeKeys(parts);
  const width = left.plan.columns.length;
  const leftTimes = keys.map((key) => left.keys[key]!);
  const rightTimes = keys.map((key) => right.keys[key]!);
  const moved = (column: number | null): number | null => (column === null ? null : width + column);
  if (joinType === 'right') {
    const { window } = right.plan;
    const closes = window?.end != null && rightTimes.includes(window.end);
    return {
      window: closes ? { start: moved(window.start), end: moved(window.end), time: moved(window.time) } : null,
      eventTimes: rightTimes.map((column) => width + column),
    };
  }
  const { window } = left.plan;
  const closes = window?.end != null && leftTimes.includes(window.end);
  return {
    window: closes ? window : null,
    eventTimes: joinType === 'inner' ? [...leftTimes, ...rightTimes.map((column) => width + column)] : leftTimes,
  };
}

/** Rows lie where their key's hash puts them; those of a full join have a key on one side or the other. */
function distributionOf({ joinType, left, right }: JoinNodeParts): Distribution {
  if (left.keys.length === 0) return { kind: 'single' };
  if (joinType === 'full') return { kind: 'any' };
  const width = left.plan.columns.length;
  return { kind: 'hash', keys: joinType === 'right' ? right.keys.map((key) => width + key) : left.keys };
}

/** An input without event time does not hold the other back. */
function commonLateness(left: bigint | null, right: bigint | null): bigint | null {
  if (left === null || right === null) return left ?? right;
  return left > right ? left : right;
}
