import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, type ExpressionJson, expressionFromJson, expressionToJson } from '../../expr/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import type { SqlType } from '../../types/index.ts';

/** Turns an operator's parameters into JSON and back; decoding checks the shape, because job graphs come from files too. */
export interface SpecCodec<Spec> {
  readonly kind: string;
  readonly version: number;
  encode(spec: Spec): Json;
  decode(json: Json): Spec;
}

/** Reads the fields of a JSON object, each with the type it must have; anything else is damaged data (XX001). */
export class SpecReader {
  readonly #fields: { readonly [key: string]: Json };

  constructor(json: Json) {
    if (json === null || typeof json !== 'object' || Array.isArray(json)) throw damaged('an object');
    this.#fields = json as { readonly [key: string]: Json };
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined && this.#fields[name] !== null;
  }

  raw(name: string): Json {
    return this.#fields[name] ?? null;
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== 'string') throw damaged(name);
    return value;
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.text(name);
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw damaged(name);
    return found;
  }

  integer(name: string): number {
    const value = this.#fields[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw damaged(name);
    return value;
  }

  boolean(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== 'boolean') throw damaged(name);
    return value;
  }

  /** A 64-bit integer, written as decimal text. */
  bigint(name: string): bigint {
    const value = this.text(name);
    if (!/^-?\d+$/.test(value)) throw damaged(name);
    return BigInt(value);
  }

  list(name: string): readonly Json[] {
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw damaged(name);
    return value as readonly Json[];
  }

  objects(name: string): SpecReader[] {
    return this.list(name).map((entry) => new SpecReader(entry));
  }

  object(name: string): SpecReader {
    return new SpecReader(this.raw(name));
  }

  integers(name: string): number[] {
    return this.list(name).map((entry) => {
      if (typeof entry !== 'number' || !Number.isSafeInteger(entry)) throw damaged(name);
      return entry;
    });
  }

  nullable<Value>(name: string, read: (name: string) => Value): Value | null {
    return this.has(name) ? read.call(this, name) : null;
  }

  expression(name: string): Expression {
    return expressionFromJson(this.raw(name) as ExpressionJson);
  }

  expressions(name: string): Expression[] {
    return this.list(name).map((entry) => expressionFromJson(entry as ExpressionJson));
  }

  type(name: string): SqlType {
    const value = this.object(name);
    value.text('kind');
    return this.raw(name) as unknown as SqlType;
  }

  textMap(name: string): ReadonlyMap<string, string> {
    return new Map(
      this.list(name).map((entry): [string, string] => {
        if (!Array.isArray(entry) || typeof entry[0] !== 'string' || typeof entry[1] !== 'string') throw damaged(name);
        return [entry[0], entry[1]];
      }),
    );
  }
}

export function expressionJson(expression: Expression): Json {
  return expressionToJson(expression) as Json;
}

export function typeJson(type: SqlType): Json {
  return type as unknown as Json;
}

export function textMapJson(map: ReadonlyMap<string, string>): Json {
  return [...map];
}

function damaged(what: string): SqlError {
  return new SqlError({ code: SqlState.dataCorrupted, message: `damaged operator parameters in a job graph: ${what} expected` });
}
