import { type CodeBuilder, type JsCode, type JsName, joinCode, js, SqlError, unreachable } from '../../base/index.ts';
import { encodeValue } from '../../batch/index.ts';
import type { Datum, Decimal, RowDatum, SqlType } from '../../types/index.ts';
import { hasModifier, sameType } from '../../types/index.ts';
import { convertDatum } from '../convert-datum.ts';
import type { Expression } from '../expression.ts';
import { visitWithBodies } from '../expression-children.ts';
import { expressionToJson } from '../expression-json.ts';
import type {
  EmitContext,
  EmittedForm,
  EmittedResult,
  EmittedValue,
  EvaluationContext,
  FunctionDefinition,
  FunctionLookup,
} from '../function-definition.ts';
import { compileLambdaCall, mapOfArguments, rowIsNull } from '../interpreter.ts';
import { emitColumn, type HoistedColumn } from './emit-column.ts';
import { assignVariables, convertForm, declareVariables, toDatumCode } from './emit-conversion.ts';
import { canonicalForm, type Emitted, isWideInteger, orMissing } from './emitted.ts';

type Node<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;
type CaseBranch = Node<'case'>['branches'][number];

/** What evaluate's failure looks like in the loop: the row goes to the interpreter, which meets the error again and reports it. */
const FAILED = Symbol('failed');

interface EmitterOptions {
  readonly builder: CodeBuilder;
  readonly functions: FunctionLookup;
  readonly columns: ReadonlyMap<number, HoistedColumn>;
  readonly row: JsName;
  readonly context: JsName;
  readonly bail: JsCode;
}

/**
 * Writes the statements that compute expressions for one row. NULL logic is here and nowhere else; functions emit only their own operation.
 * A value computed once is reused while it is in scope; a lazy branch opens a scope of its own, what is always computed first stands in front.
 */
export class ExpressionEmitter {
  readonly #builder: CodeBuilder;
  readonly #functions: FunctionLookup;
  readonly #columns: ReadonlyMap<number, HoistedColumn>;
  readonly #row: JsName;
  readonly #context: JsName;
  readonly #bail: JsCode;
  readonly #emitContext: EmitContext;
  readonly #scopes: Map<string, Emitted>[] = [new Map()];

  constructor(options: EmitterOptions) {
    this.#builder = options.builder;
    this.#functions = options.functions;
    this.#columns = options.columns;
    this.#row = options.row;
    this.#context = options.context;
    this.#bail = options.bail;
    this.#emitContext = { builder: options.builder, bail: options.bail };
  }

  emit(expression: Expression): Emitted {
    if (expression.kind === 'literal') return this.#emitLiteral(expression);
    const key = this.#reuseKey(expression);
    if (key !== null) {
      for (const scope of this.#scopes) {
        const known = scope.get(key);
        if (known) return known;
      }
    }
    const emitted = this.#emitNode(expression);
    if (key !== null) this.#scopes.at(-1)!.set(key, emitted);
    return emitted;
  }

  #emitNode(expression: Exclude<Expression, { kind: 'literal' }>): Emitted {
    switch (expression.kind) {
      case 'column':
        return emitColumn(this.#builder, this.#columns.get(expression.index)!, this.#row, this.#bail);
      case 'call':
        return this.#emitCall(expression);
      case 'lambda-call':
        return this.#emitLambdaCall(expression);
      case 'cast':
        return this.#emitCast(expression);
      case 'logical':
        return expression.operator === 'not' ? this.#emitNot(expression) : this.#emitAndOr(expression);
      case 'is-null':
        return this.#emitIsNull(expression);
      case 'case':
        return this.#emitCase(expression);
      case 'coalesce':
        return this.#emitCoalesce(expression);
      case 'in-list':
        return this.#emitInList(expression);
      case 'construct':
        return this.#emitConstruct(expression);
      case 'field':
        return this.#emitField(expression);
      case 'parameter':
      case 'outer-column':
      case 'subquery':
        throw new Error(`assertion failed: a ${expression.kind} cannot be part of an operator`);
      default:
        return unreachable(expression);
    }
  }

  #reuseKey(expression: Expression): string | null {
    if (expression.kind === 'column') return `#${expression.index}`;
    let volatile = false;
    visitWithBodies(expression, (node) => {
      if ((node.kind === 'call' || node.kind === 'lambda-call') && this.#functions.function(node.signature).volatility === 'volatile')
        volatile = true;
    });
    return volatile ? null : JSON.stringify(expressionToJson(expression));
  }

  #emitLiteral(expression: Node<'literal'>): Emitted {
    const { type, value } = expression;
    const form = canonicalForm(type);
    if (value === null) return { ...neutral(this.#builder, form, type), missing: js`true` };
    const known = { type, missing: null, constant: value };
    if (form === 'boolean') return { ...known, form, code: [js`${value as boolean}`] };
    if (form === 'number' && typeof value === 'number') return { ...known, form, code: [numberCode(value)] };
    if (form === 'number' && typeof value === 'bigint' && Number.isSafeInteger(Number(value))) {
      return { ...known, form, code: [numberCode(Number(value))] };
    }
    const decimal = type.kind === 'numeric' ? literalDecimal(value as Decimal, type) : null;
    if (decimal !== null) return decimal;
    if (form === 'bytes') {
      const bytes = encodeValue(type, value);
      const data = this.#builder.capture('literal', bytes);
      return { ...known, form, code: [js`${data}`, js`0`, js`${bytes.length}`] };
    }
    return { ...known, form: 'datum', code: [js`${this.#builder.capture('literal', value)}`] };
  }

  #emitCall(expression: Node<'call'>): Emitted {
    const definition = this.#functions.function(expression.signature);
    const args = expression.args.map((arg) => this.emit(arg));
    const type = expression.type;
    const missing = orMissing(args.map((arg) => arg.missing));
    const strict = definition.nullBehaviour !== 'called';
    const types = args.map((arg) => arg.type);
    if (!strict && missing !== null) return this.#invoke(type, this.#evaluateSite(definition, types), args);
    const compute = (): EmittedResult | null => definition.emit?.(args, this.#emitContext) ?? null;
    return this.#guarded({
      type,
      args,
      missing,
      compute,
      fallback: () => this.#evaluateSite(definition, types),
      // Text that comes as a datum is no argument for inline code, so the result is a datum too.
      inline: definition.emit !== undefined && args.every((arg) => arg.form !== 'datum'),
    });
  }

  /** Computes a strict value where no argument is NULL. */
  #guarded(site: {
    type: SqlType;
    args: readonly Emitted[];
    missing: JsCode | null;
    compute: () => EmittedResult | null;
    fallback: () => Site;
    inline: boolean;
  }): Emitted {
    const { type, args, missing } = site;
    const builder = this.#builder;
    if (missing === null) {
      const value = site.compute();
      return value ? { ...named(builder, { ...value, type }), missing: value.missing ?? null } : this.#invoke(type, site.fallback(), args);
    }
    if (type.kind === 'numeric' && args.every((arg) => arg.form === 'decimal' || arg.form === 'number')) {
      // Arithmetic on the zeros that stand for NULL does no harm, so that a decimal needs no variable whose scale is open.
      const decimal = site.compute();
      if (decimal?.form === 'decimal') return { ...named(builder, { ...decimal, type }), missing };
    }
    const canonical = canonicalForm(type);
    const form: EmittedForm = canonical === 'bytes' && !site.inline ? 'datum' : canonical;
    const isMissing = builder.let('missing', missing);
    const result = declareVariables(builder, form);
    builder.if(js`!${isMissing}`, () => {
      const emitted = site.compute();
      const value = emitted ? { ...emitted, type } : this.#invoke(type, site.fallback(), args);
      const assign = (): void => assignVariables(builder, result, convertForm(builder, value, form, this.#bail));
      if (value.missing) builder.if(value.missing, () => builder.line(js`${isMissing} = true;`), assign);
      else assign();
    });
    return { form, type, code: result.names.map((name) => js`${name}`), missing: js`${isMissing}` };
  }

  /** Calls a site with datums. The value comes in canonical form, text as datum. */
  #invoke(type: SqlType, site: Site, args: readonly Emitted[]): Emitted {
    const builder = this.#builder;
    const call = builder.capture('call', site);
    const values = args.map((arg) => {
      const datum = toDatumCode(builder, arg);
      return arg.missing === null ? datum : js`(${arg.missing}) ? null : ${datum}`;
    });
    const result = builder.const('result', js`${call}([${joinCode(values, js`, `)}], ${this.#context})`);
    const failed = builder.capture('failed', FAILED);
    builder.if(js`${result} === ${failed}`, () => builder.line(this.#bail));
    const missing = js`${builder.const('missing', js`${result} === null`)}`;
    const datum: Emitted = { form: 'datum', type, code: [js`${result}`], missing };
    if (!isWideInteger(type)) return canonicalForm(type) === 'bytes' ? datum : { ...datum, form: canonicalForm(type) };
    const number = declareVariables(builder, 'number');
    builder.if(js`!${missing}`, () => assignVariables(builder, number, convertForm(builder, datum, 'number', this.#bail)));
    return { form: 'number', type, code: [js`${number.names[0]!}`], missing };
  }

  /** Bodies are run by the interpreter: a call makes a value of many parts, and its loop is in the function. */
  #emitLambdaCall(expression: Node<'lambda-call'>): Emitted {
    const call = compileLambdaCall(expression, this.#functions);
    const site: Site = (values, context) => {
      try {
        return call(values, context);
      } catch {
        return FAILED;
      }
    };
    const args = [...expression.args, ...expression.captured].map((arg) => this.emit(arg));
    return this.#invoke(expression.type, site, args);
  }

  #evaluateSite(definition: FunctionDefinition, types: readonly SqlType[]): Site {
    return (values, context) => {
      try {
        return definition.evaluate(values, context, types);
      } catch {
        return FAILED;
      }
    };
  }

  #emitCast(expression: Node<'cast'>): Emitted {
    const input = this.emit(expression.input);
    const from = expression.input.type;
    const to = expression.type;
    if (sameType(from, to)) return input;
    // A cast that only widens a modifier changes nothing but the type's name.
    if (from.kind === to.kind && !hasModifier(to) && !isNested(from)) return { ...input, type: to };
    const cast = from.kind === to.kind || isNested(to) ? null : this.#functions.cast(from, to);
    const direct = cast?.emit !== undefined && !hasModifier(to);
    return this.#guarded({
      type: to,
      args: [input],
      missing: input.missing,
      compute: () => (direct ? cast!.emit!(input, to, this.#emitContext) : null),
      fallback: () => this.#castSite(expression),
      inline: direct,
    });
  }

  #castSite(expression: Node<'cast'>): Site {
    const explicit = expression.mode === 'explicit' || expression.mode === 'try';
    const convert = convertDatum(expression.input.type, expression.type, this.#functions, explicit);
    const failure = expression.mode === 'try' ? null : FAILED;
    return (values, context) => {
      try {
        return values[0] === null || values[0] === undefined ? null : convert(values[0], context);
      } catch (error) {
        return error instanceof SqlError ? failure : FAILED;
      }
    };
  }

  #emitNot(expression: Node<'logical'>): Emitted {
    const input = this.emit(expression.args[0]!);
    return { form: 'boolean', type: expression.type, code: [js`!${input.code[0]!}`], missing: input.missing };
  }

  #emitAndOr(expression: Node<'logical'>): Emitted {
    const builder = this.#builder;
    const decisive = expression.operator === 'or';
    const value = builder.let('flag', js`${!decisive}`);
    const missing = builder.let('missing', js`false`);
    const end = builder.name('decided');
    const decide = (part: Emitted): void => {
      const isDecisive = decisive ? part.code[0]! : js`!${part.code[0]!}`;
      const test = part.missing === null ? isDecisive : js`!(${part.missing}) && ${isDecisive}`;
      builder.if(test, () => builder.line(js`${value} = ${decisive}; ${missing} = false; break ${end};`));
      if (part.missing !== null) builder.if(part.missing, () => builder.line(js`${missing} = true;`));
    };
    const [always, ...others] = expression.args as [Expression, ...Expression[]];
    const first = this.emit(always);
    builder.block(js`${end}:`, () => {
      decide(first);
      for (const arg of others) this.#scoped(() => decide(this.emit(arg)));
    });
    return { form: 'boolean', type: expression.type, code: [js`${value}`], missing: js`${missing}` };
  }

  #emitIsNull(expression: Node<'is-null'>): Emitted {
    const input = this.emit(expression.input);
    const type = expression.type;
    if (expression.input.type.kind === 'row') {
      const negated = expression.negated;
      const site = this.#builder.capture('rowIsNull', (value: RowDatum | null) => rowIsNull(value, negated));
      const datum = input.missing === null ? input.code[0]! : js`(${input.missing}) ? null : ${input.code[0]!}`;
      return { form: 'boolean', type, code: [js`${this.#builder.const('flag', js`${site}(${datum})`)}`], missing: null };
    }
    const isNull = input.missing === null ? js`false` : js`(${input.missing})`;
    return { form: 'boolean', type, code: [expression.negated ? js`!${isNull}` : isNull], missing: null };
  }

  #emitCase(expression: Node<'case'>): Emitted {
    const builder = this.#builder;
    const merge = this.#declareMerge(expression.type);
    const end = builder.name('chosen');
    const choose = (condition: Emitted, result: Expression): void => {
      const holds = condition.missing === null ? condition.code[0]! : js`!(${condition.missing}) && ${condition.code[0]!}`;
      this.#scopes.push(new Map());
      builder.if(holds, () => {
        merge.assign(this.emit(result));
        builder.line(js`break ${end};`);
      });
      this.#scopes.pop();
    };
    const [always, ...others] = expression.branches as [CaseBranch, ...CaseBranch[]];
    const first = this.emit(always.condition);
    builder.block(js`${end}:`, () => {
      choose(first, always.result);
      for (const branch of others) this.#scoped(() => choose(this.emit(branch.condition), branch.result));
      const otherwise = expression.otherwise;
      if (otherwise) this.#scoped(() => merge.assign(this.emit(otherwise)));
    });
    return merge.value;
  }

  #emitCoalesce(expression: Node<'coalesce'>): Emitted {
    const builder = this.#builder;
    const merge = this.#declareMerge(expression.type);
    const end = builder.name('chosen');
    const offer = (value: Emitted): void => {
      merge.assign(value);
      builder.if(js`!${merge.value.missing!}`, () => builder.line(js`break ${end};`));
    };
    const [always, ...others] = expression.args as [Expression, ...Expression[]];
    const first = this.emit(always);
    builder.block(js`${end}:`, () => {
      offer(first);
      for (const arg of others) this.#scoped(() => offer(this.emit(arg)));
    });
    return merge.value;
  }

  /** Variables several branches assign; NULL until one does. */
  #declareMerge(type: SqlType): { readonly value: Emitted; assign(value: Emitted): void } {
    const builder = this.#builder;
    const form = canonicalForm(type);
    const variables = declareVariables(builder, form);
    const missing = builder.let('missing', js`true`);
    const store = (value: Emitted): void => {
      assignVariables(builder, variables, convertForm(builder, { ...value, type }, form, this.#bail));
      builder.line(js`${missing} = false;`);
    };
    return {
      value: { form, type, code: variables.names.map((name) => js`${name}`), missing: js`${missing}` },
      assign: (value) => {
        if (value.missing === null) store(value);
        else builder.if(js`!(${value.missing})`, () => store(value));
      },
    };
  }

  /** Statements whose values are visible only to themselves: in a block of its own, and in a scope of reuse of its own. */
  #scoped(body: () => void): void {
    this.#scopes.push(new Map());
    this.#builder.block(js``, body);
    this.#scopes.pop();
  }

  #emitInList(expression: Node<'in-list'>): Emitted {
    const type = expression.type;
    const comparisons = expression.items.map(
      (item): Expression => ({ kind: 'call', signature: expression.equals, args: [expression.input, item], type }),
    );
    this.emit(expression.input);
    const any = this.#emitAndOr({ kind: 'logical', operator: 'or', args: comparisons, type });
    return expression.negated ? { ...any, code: [js`!${any.code[0]!}`] } : any;
  }

  #emitConstruct(expression: Node<'construct'>): Emitted {
    const args = expression.args.map((arg) => this.emit(arg));
    return this.#invoke(expression.type, constructSite(expression.type), args);
  }

  #emitField(expression: Node<'field'>): Emitted {
    const index = expression.index;
    const site: Site = (values) => (values[0] as RowDatum | null)?.fields[index] ?? null;
    return this.#invoke(expression.type, site, [this.emit(expression.input)]);
  }
}

/** Types with types inside, which convert member by member. */
function isNested({ kind }: SqlType): boolean {
  return kind === 'array' || kind === 'row' || kind === 'map';
}

type Site = (values: readonly (Datum | null)[], context: EvaluationContext) => Datum | null | typeof FAILED;

function constructSite(type: SqlType): Site {
  if (type.kind !== 'map') return type.kind === 'array' ? makeArray : makeRow;
  const make = mapOfArguments(type);
  return (values) => {
    try {
      return make(values);
    } catch {
      return FAILED;
    }
  };
}

const makeArray: Site = (values) => ({ elements: values });
const makeRow: Site = (values) => ({ fields: values });

function neutral(builder: CodeBuilder, form: EmittedForm, type: SqlType): EmittedValue {
  if (form === 'bytes') return { form, type, code: [js`${builder.capture('literal', new Uint8Array(0))}`, js`0`, js`0`] };
  return { form, type, code: [form === 'boolean' ? js`false` : form === 'number' ? js`0` : js`null`] };
}

/** Constants around every emitted code, so that using a value twice does not compute it twice. */
function named(builder: CodeBuilder, value: EmittedValue): EmittedValue {
  return { ...value, code: value.code.map((code) => (/^[\w$]+$/.test(code.text) ? code : js`${builder.const('value', code)}`)) };
}

/** A numeric literal with its mantissa as a number, where that is exact. */
function literalDecimal(value: Decimal, type: SqlType): Emitted | null {
  const mantissa = Number(value.mantissa);
  if (value.special !== undefined || !Number.isSafeInteger(mantissa)) return null;
  return { form: 'decimal', type, scale: value.scale, code: [numberCode(mantissa)], missing: null, constant: value };
}

function numberCode(value: number): JsCode {
  // A negative literal in parentheses: `a - -1` and `-x ** 2` stay what they mean.
  return value < 0 || Object.is(value, -0) ? js`(${value})` : js`${value}`;
}
