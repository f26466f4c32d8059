import type { CodeBuilder, JsCode, ScriptRealms } from '../base/index.ts';
import type { Datum, SqlType } from '../types/index.ts';

/** An executed example: `sql` must evaluate to the text `result` (PostgreSQL's text form; null is NULL). */
export interface FunctionExample {
  readonly sql: string;
  readonly result: string | null;
}

/** What an invocation may ask of its surroundings. */
export interface EvaluationContext {
  /** now(), proctime(): micros since 1970 UTC; the epoch's time in a view, the transaction's start in a statement. */
  readonly nowMicros: bigint;
  /** The session's TimeZone setting; UTC in views. */
  readonly timeZone: string;
  /** Registered objects, for functions of family `catalog`; absent in views and operators. */
  readonly catalog?: CatalogLookup | undefined;
  /** The session asking, for current_user and its kin; absent in views and operators. */
  readonly session?: SessionFacts | undefined;
  /** What calls may do to that session; absent in views and operators. */
  readonly actions?: SessionActions | undefined;
  /** Takes the next value of an identity column, numbered from 1; null where there is none. Only for statements that write; absent elsewhere. */
  readonly nextIdentity?: ((table: number, column: number) => bigint | null) | undefined;
  /** Chance, for statements; absent in views and operators, whose answers have to be the same when they are made again. */
  readonly random?: RandomSource | undefined;
  /** Told by the interpreter which branch of a CASE of the text it takes, counted from 0, ELSE last: for the coverage of tests. */
  readonly branchTaken?: ((span: { readonly start: number; readonly end: number }, branch: number) => void) | undefined;
}

export interface RandomSource {
  /** Uniform in [0, 1). */
  nextFloat(): number;
  /** Bytes nobody can foretell. */
  bytes(count: number): Uint8Array;
}

/** What catalog functions ask about relations and schemas. All answers are null where the object does not exist. */
export interface CatalogLookup {
  /** Name of an object as PostgreSQL prints a reg* value: with the schema only where the search path does not find it. */
  objectName(kind: 'regclass' | 'regtype' | 'regproc' | 'regnamespace', oid: number): string | null;
  /** Oid of a name as written (`public.t`, `"T"`). */
  objectOid(kind: 'regclass' | 'regtype' | 'regproc' | 'regnamespace', name: string): number | null;
  /** True when the relation is the first of its name on the search path. */
  isRelationVisible(oid: number): boolean | null;
  /** The canonical query text of a view. */
  viewDefinition(oid: number): string | null;
  /** Comment on a relation (column 0) or on its column, numbered from 1. */
  comment(oid: number, column: number): string | null;
  roleName(oid: number): string | null;
  /** The CREATE INDEX of an index (column 0), or the text of its column, numbered from 1. */
  indexDefinition?(oid: number, column: number): string | null;
  /** `PRIMARY KEY (id)`. */
  constraintDefinition?(oid: number): string | null;
  /** Result type of a function of pg_proc, and its argument types in one text. */
  functionResult?(oid: number): string | null;
  functionArguments?(oid: number): string | null;
  /** The CREATE FUNCTION of a function that a user has declared. */
  functionDefinition?(oid: number): string | null;
}

/** Constants of the session a statement runs in. */
export interface SessionFacts {
  readonly user: string;
  readonly database: string;
  /** Existing schemas of the search path, in order; the first is the current schema. */
  readonly schemas: readonly string[];
  /** What pg_backend_pid() shows. */
  readonly processId: number;
  /** What version() shows. */
  readonly version: string;
  /** A setting's value for current_setting(), or null. */
  setting(name: string): string | null;
}

/** What a call may do to the session of its statement. */
export interface SessionActions {
  /** The time by the clock, micros since 1970 UTC; it goes on while a statement runs. */
  clockMicros(): bigint;
  /** Resolves when so many microseconds have passed. Rejects when the statement is cancelled. */
  sleep(micros: bigint): Promise<void>;
  /** Sets what SET does, null: to its default; gives the value as SHOW prints it. Errors: 42704, 22023, 55P02. */
  setSetting(name: string, value: string | null, options: { readonly local: boolean }): string;
  /** Resolves when the lock is held. Errors: 55P03, 40P01, 57014. */
  lock(lock: AdvisoryLock): Promise<void>;
  /** The same without waiting; false where it would have to. */
  tryLock(lock: AdvisoryLock): boolean;
  /** Takes one acquisition by the session back; false, with a warning, where there is none. */
  unlock(lock: Omit<AdvisoryLock, 'heldBy'>): boolean;
  /** Takes back all that the session holds; what a transaction holds stays. */
  unlockAll(): void;
}

/** A lock on a number that applications have agreed on. */
export interface AdvisoryLock {
  /** The halves of a bigint and 1, or two integers and 2; all unsigned. Numbers of different forms are different locks. */
  readonly classId: number;
  readonly objectId: number;
  readonly subId: 1 | 2;
  /** Together with others who ask so. */
  readonly shared: boolean;
  /** Until it is taken back or the session ends, or until the transaction ends. */
  readonly heldBy: 'session' | 'transaction';
}

/**
 * How a value is held in generated code: `number` (int2, int4, date, oid, and int8, time, timestamp, timestamptz as a double known to be a
 * safe integer, float4, float8), `boolean`, `bytes` (three names: data, start, end), `decimal` (a numeric whose scale is known beforehand: its
 * mantissa as a safe integer), `datum` (the interpreter's form).
 */
export type EmittedForm = 'number' | 'boolean' | 'bytes' | 'decimal' | 'datum';

export interface EmittedValue {
  readonly form: EmittedForm;
  readonly type: SqlType;
  /** For `bytes` the code of data, start and end; otherwise one code. */
  readonly code: readonly JsCode[];
  /** Of a `decimal`: value = code / 10^scale, shown with as many digits. */
  readonly scale?: number;
  /** Of a literal that is not NULL: its value. */
  readonly constant?: Datum;
}

/** What a function emits. */
export interface EmittedResult extends EmittedValue {
  /** When the function gives NULL though no argument is; absent: never. */
  readonly missing?: JsCode;
}

export interface EmitContext {
  readonly builder: CodeBuilder;
  /**
   * A statement that gives this row to the interpreter, which finds the exact value or the exact error: used for overflow, division by zero
   * and values beyond the safe integers. Written as `builder.if(condition, () => builder.line(bail))`; what follows is not reached.
   */
  readonly bail: JsCode;
}

/** Computes the body of a lambda for some values of its parameters. */
export type LambdaEvaluator = (values: readonly (Datum | null)[]) => Datum | null;

/** What a function wants of a lambda. */
export interface LambdaArgument {
  /** Types of the parameters, by those of the plain arguments. */
  parameters(args: readonly SqlType[]): readonly SqlType[];
  /** What the body gives: anything, a condition, or a value of the type of the plain argument at a position. */
  readonly gives: 'any' | 'condition' | { readonly likeArgument: number };
}

/**
 * A scalar function or operator. `signature`: `name(type, …) -> type` or `type op type -> type`, types by kind name
 * (`int8 + int8 -> int8`, `lower(text) -> text`, `concat(variadic any) -> text`, `coalesce` is no function). Unless
 * `nullBehaviour` is `called`, a NULL argument yields NULL without a call.
 */
/** What a call may name an argument by, and what it is where the call leaves it out. */
export interface ParameterOfFunction {
  /** Null: by position only. */
  readonly name: string | null;
  readonly default?: Datum;
}

export interface FunctionDefinition {
  readonly name: string;
  readonly signature: string;
  readonly argumentTypes: readonly SqlType[];
  /** As many as argument types; absent: they have no names, and none can be left out. */
  readonly parameters?: readonly ParameterOfFunction[];
  /** The last argument type repeats. */
  readonly variadic?: boolean;
  /** The lambdas behind the plain arguments, which argumentTypes are. Results of their bodies count as further argument types. */
  readonly lambdas?: readonly LambdaArgument[];
  /** Fixed, or derived from the arguments (numeric scale, array element, row field). */
  readonly resultType: SqlType | ((args: readonly SqlType[]) => SqlType);
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** evaluate asks the session or the catalog, which a continuous query has none of. */
  readonly asksSession?: true;
  readonly nullBehaviour?: 'strict' | 'called';
  /** True when evaluate can fail for some arguments; rules never move a fallible call to rows it would not have seen. */
  readonly fallible: boolean;
  /** evaluate runs a user's code: a loop over rows does well to run within one time limit, which costs much more than a call. */
  readonly runsScript?: true;
  readonly description: string;
  readonly examples: readonly FunctionExample[];
  /** Hidden from SHOW FUNCTIONS: operators and catalog helpers. */
  readonly family:
    | 'operator'
    | 'string'
    | 'math'
    | 'time'
    | 'json'
    | 'array'
    | 'map'
    | 'conditional'
    | 'catalog'
    | 'system'
    | 'conversion'
    | 'binary';
  /** `types` are the types of the arguments at this call, which polymorphic definitions (`any`, `anyarray`, `record`) need. */
  evaluate(
    args: readonly (Datum | null)[],
    context: EvaluationContext,
    types: readonly SqlType[],
    lambdas?: readonly LambdaEvaluator[],
  ): Datum | null;
  /**
   * Present where the call waits: statements call this in place of `evaluate`, which only says that it cannot be called there. Rejects with what
   * ends the statement.
   */
  waitFor?(args: readonly (Datum | null)[], context: EvaluationContext): Promise<Datum | null>;
  /** Arguments are known not to be NULL. Absent: the loop calls evaluate. Returning null means these forms are not supported. */
  emit?(args: readonly EmittedValue[], context: EmitContext): EmittedResult | null;
}

/** A conversion between two type kinds; precision and length are applied by the target type's modifier. */
export interface CastDefinition {
  readonly from: SqlType['kind'];
  readonly to: SqlType['kind'];
  /** The weakest context in which it applies by itself, as PostgreSQL's pg_cast.castcontext. */
  readonly context: 'implicit' | 'assignment' | 'explicit';
  readonly fallible: boolean;
  readonly volatility: 'immutable' | 'stable';
  convert(value: Datum, to: SqlType, from: SqlType, context: EvaluationContext): Datum | null;
  emit?(value: EmittedValue, to: SqlType, context: EmitContext): EmittedValue | null;
}

/** Functions and casts by signature, for evaluation. */
export interface FunctionLookup {
  function(signature: string): FunctionDefinition;
  cast(from: SqlType, to: SqlType): CastDefinition;
  /** The realms users' functions run in; absent where there are no such functions. */
  readonly scripts?: ScriptRealms;
}
