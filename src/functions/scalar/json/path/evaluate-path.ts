import { SqlError, SqlState } from '../../../../base/index.ts';
import {
  addDecimals,
  compareDecimals,
  compareText,
  type Decimal,
  decimalToInteger,
  divideDecimals,
  formatDecimal,
  isJsonArray,
  isJsonObject,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  jsonTypeName,
  moduloDecimals,
  multiplyDecimals,
  negateDecimal,
  subtractDecimals,
  truncateDecimal,
} from '../../../../types/index.ts';
import { type ComparisonSymbol, holds } from '../../comparison-symbol.ts';
import { type ArithmeticSymbol, isPathPredicate, type JsonPath, type PathNode, type PathPredicate, type PathStep } from './json-path.ts';
import { PathError } from './path-error.ts';
import { applyMethod } from './path-methods.ts';

/** Steps one call may take: a path over a document is no way to hold up a job. */
const STEPS_MAX = 10_000_000;

/**
 * The items a path finds in a document, in order. What was found before an error is in `found`.
 *
 * Follows PostgreSQL's jsonpath_exec.c: lax paths unwrap arrays in front of accessors, filters, methods and operands, and find nothing
 * where the structure does not fit. Errors: PathError, 42704 for a variable that is not passed.
 */
export function evaluatePath(path: JsonPath, document: JsonValue, variables: JsonObject, found: JsonValue[]): void {
  const evaluation = new PathEvaluation(path, document, variables);
  evaluation.items(path.root, { current: document, size: null }, (item) => found.push(item));
}

/** What `@` and `last` mean. */
interface Place {
  readonly current: JsonValue;
  /** Length of the innermost array that is being subscripted; null outside of subscripts. */
  readonly size: number | null;
}

type Sink = (item: JsonValue) => void;

/** null is unknown. */
type Truth = boolean | null;

class PathEvaluation {
  readonly #lax: boolean;
  readonly #root: JsonValue;
  readonly #variables: JsonObject;
  #forgiving: boolean;
  #steps = 0;

  constructor(path: JsonPath, root: JsonValue, variables: JsonObject) {
    this.#lax = path.lax;
    this.#forgiving = path.lax;
    this.#root = root;
    this.#variables = variables;
  }

  items(node: PathNode, place: Place, sink: Sink): void {
    this.#count();
    if (isPathPredicate(node)) {
      sink(this.#truth(node, place));
      return;
    }
    switch (node.kind) {
      case 'root':
        sink(this.#root);
        break;
      case 'current':
        sink(place.current);
        break;
      case 'last':
        if (place.size === null) throw new SqlError({ code: SqlState.syntaxError, message: 'LAST is allowed only in array subscripts' });
        sink(new JsonNumber(String(place.size - 1)));
        break;
      case 'variable':
        sink(this.#variable(node.name));
        break;
      case 'literal':
        sink(node.value);
        break;
      case 'steps':
        this.items(node.base, place, (item) => this.#step(node.steps, 0, item, place, this.#lax, sink));
        break;
      case 'sign':
        for (const item of this.#operands(node.operand, place)) {
          if (!(item instanceof JsonNumber))
            throw new PathError(SqlState.sqlJsonNumberNotFound, `operand of unary jsonpath operator ${node.operator} is not a numeric value`);
          sink(node.operator === '+' ? item : new JsonNumber(formatDecimal(negateDecimal(item.decimal()))));
        }
        break;
      case 'arithmetic':
        sink(
          this.#arithmetic(
            node.operator,
            this.#number(node.left, 'left', node.operator, place),
            this.#number(node.right, 'right', node.operator, place),
          ),
        );
    }
  }

  #variable(name: string): JsonValue {
    const value = this.#variables.get(name);
    if (value !== undefined) return value;
    throw new SqlError({ code: SqlState.undefinedObject, message: `could not find jsonpath variable "${name}"` });
  }

  /** Applies the step at `index` and those behind it. `unwrap`: an array is taken apart first where the step wants no array. */
  #step(steps: readonly PathStep[], index: number, item: JsonValue, place: Place, unwrap: boolean, sink: Sink): void {
    this.#count();
    const step = steps[index];
    if (step === undefined) {
      sink(item);
      return;
    }
    const next = (found: JsonValue): void => this.#step(steps, index + 1, found, place, this.#lax, sink);
    if (unwrap && isJsonArray(item) && takesApart(step)) {
      for (const element of item) this.#step(steps, index, element, place, false, sink);
      return;
    }
    switch (step.kind) {
      case 'member':
        this.#member(item, step.name, next);
        break;
      case 'any-member':
        if (item !== null && isJsonObject(item)) for (const member of item.values()) next(member);
        else this.#misfit(SqlState.sqlJsonObjectNotFound, 'jsonpath wildcard member accessor can only be applied to an object');
        break;
      case 'any-element':
        if (isJsonArray(item)) for (const element of item) next(element);
        else if (this.#lax) next(item);
        else this.#misfit(SqlState.sqlJsonArrayNotFound, 'jsonpath wildcard array accessor can only be applied to an array');
        break;
      case 'elements':
        this.#elements(step, item, place, next);
        break;
      case 'descendants':
        this.#descendants(step, item, 0, next);
        break;
      case 'filter':
        if (this.#truth(step.predicate, { ...place, current: item }) === true) next(item);
        break;
      case 'method':
        next(applyMethod(step.name, item, this.#lax));
    }
  }

  #member(item: JsonValue, name: string, next: Sink): void {
    if (item === null || !isJsonObject(item)) {
      this.#misfit(SqlState.sqlJsonMemberNotFound, 'jsonpath member accessor can only be applied to an object');
      return;
    }
    const member = item.get(name);
    if (member !== undefined) next(member);
    else this.#misfit(SqlState.sqlJsonMemberNotFound, `JSON object does not contain key "${name}"`);
  }

  #elements(step: Extract<PathStep, { kind: 'elements' }>, item: JsonValue, place: Place, next: Sink): void {
    if (!isJsonArray(item) && !this.#lax) {
      this.#misfit(SqlState.sqlJsonArrayNotFound, 'jsonpath array accessor can only be applied to an array');
      return;
    }
    const array = isJsonArray(item) ? item : [item];
    for (const range of step.ranges) {
      const inside = { current: place.current, size: array.length };
      const from = this.#subscript(range.from, inside);
      const to = range.to === null ? from : this.#subscript(range.to, inside);
      if (!this.#forgiving && (from < 0 || from > to || to >= array.length))
        throw new PathError(SqlState.invalidSqlJsonSubscript, 'jsonpath array subscript is out of bounds');
      for (let position = Math.max(from, 0); position <= Math.min(to, array.length - 1); position++) next(array[position]!);
    }
  }

  #subscript(node: PathNode, place: Place): number {
    const found: JsonValue[] = [];
    this.items(node, place, (item) => found.push(item));
    const [only] = found;
    if (found.length !== 1 || !(only instanceof JsonNumber))
      throw new PathError(SqlState.invalidSqlJsonSubscript, 'jsonpath array subscript is not a single numeric value');
    const position = decimalToInteger(truncateDecimal(only.decimal(), 0), 'bigint');
    if (position < -2_147_483_648n || position > 2_147_483_647n)
      throw new PathError(SqlState.invalidSqlJsonSubscript, 'jsonpath array subscript is out of integer range');
    return Number(position);
  }

  /** Behind `.**` the structure need not fit, in strict paths neither. */
  #descendants(step: Extract<PathStep, { kind: 'descendants' }>, item: JsonValue, level: number, next: Sink): void {
    this.#count();
    const leaf = !isJsonArray(item) && (item === null || !isJsonObject(item));
    const deepEnough = step.from === 'last' ? leaf : level >= step.from;
    if (deepEnough && (step.to === 'last' || level <= step.to)) this.#forgive(() => next(item));
    if (leaf || (step.to !== 'last' && level >= step.to)) return;
    const inner = isJsonArray(item) ? item : (item as JsonObject).values();
    for (const child of inner) this.#descendants(step, child, level + 1, next);
  }

  #forgive(run: () => void): void {
    const before = this.#forgiving;
    this.#forgiving = true;
    try {
      run();
    } finally {
      this.#forgiving = before;
    }
  }

  /** Items of an operand; a lax path takes arrays apart. */
  #operands(node: PathNode, place: Place): JsonValue[] {
    const found: JsonValue[] = [];
    this.items(node, place, (item) => {
      if (this.#lax && isJsonArray(item)) found.push(...item);
      else found.push(item);
    });
    return found;
  }

  #number(node: PathNode, side: 'left' | 'right', operator: string, place: Place): Decimal {
    const [only, ...more] = this.#operands(node, place);
    if (only instanceof JsonNumber && more.length === 0) return only.decimal();
    throw new PathError(SqlState.singletonSqlJsonItemRequired, `${side} operand of jsonpath operator ${operator} is not a single numeric value`);
  }

  #arithmetic(operator: ArithmeticSymbol, left: Decimal, right: Decimal): JsonValue {
    try {
      return new JsonNumber(formatDecimal(ARITHMETIC[operator](left, right)));
    } catch (cause) {
      if (cause instanceof SqlError) throw new PathError(cause.code as SqlState, cause.message);
      throw cause;
    }
  }

  #truth(predicate: PathPredicate, place: Place): Truth {
    this.#count();
    switch (predicate.kind) {
      case 'and': {
        const left = this.#truth(predicate.left, place);
        if (left === false) return false;
        const right = this.#truth(predicate.right, place);
        return right === true ? left : right;
      }
      case 'or': {
        const left = this.#truth(predicate.left, place);
        if (left === true) return true;
        const right = this.#truth(predicate.right, place);
        return right === false ? left : right;
      }
      case 'not': {
        const operand = this.#truth(predicate.operand, place);
        return operand === null ? null : !operand;
      }
      case 'is-unknown':
        return this.#truth(predicate.operand, place) === null;
      case 'exists':
        return this.#exists(predicate.operand, place);
      case 'comparison':
        return this.#pairs(predicate.left, predicate.right, place, (left, right) => compareItems(predicate.operator, left, right));
      case 'starts-with':
        return this.#pairs(predicate.operand, predicate.prefix, place, (text, prefix) =>
          typeof text === 'string' && typeof prefix === 'string' ? text.startsWith(prefix) : null,
        );
      case 'like-regex':
        return this.#pairs(predicate.operand, null, place, (text) =>
          typeof text === 'string' ? predicate.pattern.expression.exec(text) !== null : null,
        );
    }
  }

  /** A strict path has to know that there is no error at all; a lax one is content with the first item. */
  #exists(node: PathNode, place: Place): Truth {
    const found: JsonValue[] = [];
    try {
      this.items(node, place, (item) => found.push(item));
    } catch (cause) {
      if (!(cause instanceof PathError)) throw cause;
      return this.#lax && found.length > 0 ? true : null;
    }
    return found.length > 0;
  }

  /** True where any pair is; an error, and in a strict path any pair that cannot be compared, makes it unknown. */
  #pairs(leftNode: PathNode, rightNode: PathNode | null, place: Place, test: (left: JsonValue, right: JsonValue) => Truth): Truth {
    let lefts: readonly JsonValue[];
    let rights: readonly JsonValue[];
    try {
      lefts = this.#operands(leftNode, place);
      rights = rightNode === null ? [null] : this.#operands(rightNode, place);
    } catch (cause) {
      if (cause instanceof PathError) return null;
      throw cause;
    }
    let isTrue = false;
    let isUnknown = false;
    for (const left of lefts) {
      for (const right of rights) {
        this.#count();
        const result = test(left, right);
        if (result === null && !this.#lax) return null;
        if (result === true && this.#lax) return true;
        isUnknown ||= result === null;
        isTrue ||= result === true;
      }
    }
    return isTrue ? true : isUnknown ? null : false;
  }

  #misfit(code: SqlState, message: string): void {
    if (!this.#forgiving) throw new PathError(code, message);
  }

  #count(): void {
    if (++this.#steps > STEPS_MAX) throw new SqlError({ code: SqlState.programLimitExceeded, message: `a path takes more than ${STEPS_MAX} steps` });
  }
}

/** Steps that want no array: in lax paths they are applied to its elements. */
function takesApart(step: PathStep): boolean {
  switch (step.kind) {
    case 'member':
    case 'any-member':
    case 'filter':
      return true;
    case 'method':
      return step.name !== 'type' && step.name !== 'size';
    default:
      return false;
  }
}

const ARITHMETIC: Readonly<Record<ArithmeticSymbol, (left: Decimal, right: Decimal) => Decimal>> = {
  '+': addDecimals,
  '-': subtractDecimals,
  '*': multiplyDecimals,
  '/': divideDecimals,
  '%': moduloDecimals,
};

/** Null differs from everything else; other types are not compared with each other, nor are arrays and objects. */
function compareItems(operator: ComparisonSymbol, left: JsonValue, right: JsonValue): Truth {
  if (jsonTypeName(left) !== jsonTypeName(right)) return left === null || right === null ? operator === '<>' : null;
  const order = orderOf(left, right);
  return order === null ? null : holds(operator, order);
}

function orderOf(left: JsonValue, right: JsonValue): number | null {
  if (left === null) return 0;
  if (left instanceof JsonNumber) return compareDecimals(left.decimal(), (right as JsonNumber).decimal());
  if (typeof left === 'string') return compareText(left, right as string);
  return typeof left === 'boolean' ? Number(left) - Number(right) : null;
}
