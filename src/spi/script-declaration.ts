import type { FunctionDefinition } from '../expr/index.ts';
import type { RowField, SqlType } from '../types/index.ts';
import type { AggregateDefinition } from './aggregate-definition.ts';
import type { TableFunctionDefinition } from './table-function-definition.ts';

/** A function a user has written in JavaScript: all that is needed to call it. Plain data. */
export interface ScriptDeclaration {
  readonly name: string;
  readonly kind: 'scalar' | 'table' | 'aggregate';
  /** A parameter without name is called `$1`, `$2`, …, in the code, too. */
  readonly parameters: readonly { readonly name: string | null; readonly type: SqlType }[];
  /** Of a table function of several columns a row. */
  readonly resultType: SqlType;
  /** Of a table function; null for the others. */
  readonly columns: readonly RowField[] | null;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** A NULL argument gives NULL without a call. */
  readonly strict: boolean;
  /** How long one call may take. */
  readonly timeoutMs: number;
  readonly body: string;
}

/**
 * Definitions out of declarations. The signature of one holds the whole declaration, so that a plan or a job that names the function carries its code as
 * text, and means the same function whatever the catalog says later.
 */
export interface ScriptDefinitions {
  signatureOf(declaration: ScriptDeclaration): string;
  /** Compiles it. Errors: 42601 with the place in the body as position. */
  check(declaration: ScriptDeclaration): void;
  /** Null for a signature that is no declaration of the kind. */
  scalar(signature: string): FunctionDefinition | null;
  table(signature: string): TableFunctionDefinition | null;
  aggregate(signature: string): AggregateDefinition | null;
}
