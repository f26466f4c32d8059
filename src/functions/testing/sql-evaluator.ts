import type { CatalogReader } from '../../catalog/index.ts';
import { compileRowInterpreter, type EvaluationContext, type Expression, type FunctionLookup, type SessionActions } from '../../expr/index.ts';
import { type BindContext, bindRowExpression, createFunctionCatalog, type FunctionCatalog } from '../../plan/index.ts';
import { parseExpression, parseStatement, type Query } from '../../sql/index.ts';
import { type Datum, formatDatum, type SqlType } from '../../types/index.ts';
import { aggregateFunctions, casts, createFunctionLookup, scalarFunctions, tableFunctions } from '../index.ts';

const PRESENT_MICROS = 1_714_979_289_123_456n;

const EMPTY_CATALOG: CatalogReader = {
  relation: () => null,
  relationByOid: () => null,
  relations: () => [],
  functions: () => [],
  functionByOid: () => null,
  functionNames: () => [],
  hasSchema: () => false,
  stored: () => EMPTY_CATALOG,
};

/** A session of its own for each call: no lock is in the way, none is held, and time stands still. */
const ACTIONS: SessionActions = {
  clockMicros: () => PRESENT_MICROS,
  sleep: async () => undefined,
  setSetting: (_name, value) => value ?? '',
  lock: async () => undefined,
  tryLock: () => true,
  unlock: () => false,
  unlockAll: () => undefined,
};

/** Binds and evaluates expressions over no rows, for tests of functions. The present is 2024-05-06 07:08:09.123456 UTC. */
export class SqlEvaluator {
  readonly functions: FunctionLookup;
  readonly context: EvaluationContext;
  readonly catalog: FunctionCatalog;
  readonly #bindContext: BindContext;

  constructor(timeZone = 'UTC') {
    this.functions = createFunctionLookup(scalarFunctions, casts);
    this.context = {
      nowMicros: PRESENT_MICROS,
      timeZone,
      random: { nextFloat: () => 0.25, bytes: (count) => new Uint8Array(count).fill(255) },
      session: {
        user: 'fsql',
        database: 'fsql',
        schemas: ['public'],
        processId: 1,
        version: 'PostgreSQL 18.4 (fsql)',
        setting: (name) => (name === 'server_encoding' ? 'UTF8' : null),
      },
      actions: ACTIONS,
    };
    this.catalog = createFunctionCatalog({
      functions: scalarFunctions,
      casts,
      aggregates: aggregateFunctions,
      tableFunctions,
      lookup: this.functions,
    });
    this.#bindContext = {
      catalog: EMPTY_CATALOG,
      functions: this.catalog,
      parameterTypes: [],
      evaluation: this.context,
      parseQuery: (text) => parseStatement(text) as Query,
      parseExpression,
    };
  }

  bind(sql: string): Expression {
    return bindRowExpression(sql, [], { context: this.#bindContext, clause: 'tests' });
  }

  evaluate(sql: string): { readonly type: SqlType; readonly value: Datum | null } {
    const expression = this.bind(sql);
    return { type: expression.type, value: compileRowInterpreter(expression, this.functions)([], this.context) };
  }

  /** The same of an expression that may be a call that waits. */
  async textAfterWaiting(sql: string): Promise<string | null> {
    const call = this.bind(sql);
    const definition = call.kind === 'call' ? this.functions.function(call.signature) : null;
    if (call.kind !== 'call' || definition?.waitFor === undefined) return this.text(sql);
    const args = call.args.map((arg) => compileRowInterpreter(arg, this.functions)([], this.context));
    const value = await definition.waitFor(args, this.context);
    return value === null ? null : formatDatum(call.type, value, { timeZone: this.context.timeZone });
  }

  /** The text of the expression's value, or null. */
  text(sql: string): string | null {
    const { type, value } = this.evaluate(sql);
    return value === null ? null : formatDatum(type, value, { timeZone: this.context.timeZone });
  }
}
