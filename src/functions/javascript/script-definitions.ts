import type { ScriptRealms } from '../../base/index.ts';
import type { FunctionDefinition } from '../../expr/index.ts';
import type { AggregateDefinition, ScriptDeclaration, ScriptDefinitions, TableFunctionDefinition } from '../../spi/index.ts';
import type { Datum } from '../../types/index.ts';
import { multiset, SingleGroupAggregate } from '../aggregate/index.ts';
import { Script } from './script.ts';
import { declarationOf, scriptSignature } from './signature.ts';
import { fromPlain, fromScript, plainOf, toPlain, toScript } from './values.ts';

/** Definitions kept at once: a job's and a statement's are a few, so that more are of functions that are gone. */
const KEPT_MAX = 1000;

/** Definitions of functions in JavaScript. One for each signature, compiled once. */
export function createScriptDefinitions(realms: ScriptRealms): ScriptDefinitions {
  return {
    signatureOf: scriptSignature,
    check: (declaration) => new Script(declaration, realms).check(),
    scalar: remembered('scalar', (declaration, signature) => scalarDefinition(declaration, signature, realms)),
    table: remembered('table', (declaration, signature) => tableDefinition(declaration, signature, realms)),
    aggregate: remembered('aggregate', (declaration, signature) => aggregateDefinition(declaration, signature, realms)),
  };
}

function remembered<Definition>(
  kind: ScriptDeclaration['kind'],
  make: (declaration: ScriptDeclaration, signature: string) => Definition,
): (signature: string) => Definition | null {
  const known = new Map<string, Definition>();
  return (signature) => {
    const found = known.get(signature);
    if (found !== undefined) return found;
    const declaration = declarationOf(signature);
    if (declaration === null || declaration.kind !== kind) return null;
    if (known.size >= KEPT_MAX) known.clear();
    const made = make(declaration, signature);
    known.set(signature, made);
    return made;
  };
}

function scalarDefinition(declaration: ScriptDeclaration, signature: string, realms: ScriptRealms): FunctionDefinition {
  const { name, parameters, resultType, volatility, strict } = declaration;
  const script = new Script(declaration, realms);
  const types = parameters.map((parameter) => parameter.type);
  return {
    name,
    signature,
    argumentTypes: types,
    resultType,
    volatility,
    nullBehaviour: strict ? 'strict' : 'called',
    fallible: true,
    runsScript: true,
    description: 'A function in JavaScript',
    examples: [],
    family: 'system',
    evaluate: (args) => fromScript(script.call(args.map((value, index) => toScript(value, types[index]!))), resultType, name),
  };
}

function tableDefinition(declaration: ScriptDeclaration, signature: string, realms: ScriptRealms): TableFunctionDefinition {
  const { name, parameters, resultType, volatility, strict } = declaration;
  const columns = declaration.columns ?? [{ name, type: resultType }];
  const script = new Script(declaration, realms);
  const types = parameters.map((parameter) => parameter.type);
  const rowOf = (value: unknown): readonly (Datum | null)[] => {
    if (columns.length === 1) return [fromPlain(onlyValue(value, columns[0]!.name) as never, columns[0]!.type, name)];
    const row = fromPlain((value ?? []) as never, { kind: 'row', fields: columns }, name);
    return (row as { readonly fields: readonly (Datum | null)[] }).fields;
  };
  return {
    name,
    signature,
    argumentTypes: types,
    volatility,
    nullBehaviour: strict ? 'strict' : 'called',
    description: 'A table function in JavaScript',
    examples: [],
    columns: () => columns,
    evaluate: (args) => {
      const rows = plainOf(script.call(args.map((value, index) => toScript(value, types[index]!))), name);
      return (rows as readonly unknown[]).map(rowOf);
    },
  };
}

/** A row of one column may be the value alone, or an object with the column's name. */
function onlyValue(value: unknown, column: string): unknown {
  const isNamed = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).join() === column;
  return isNamed ? (value as Record<string, unknown>)[column] : value;
}

/**
 * The rows of each group are kept, and a changed group is computed from nothing, in the order of ORDER BY and then of the values: so it is right under
 * retraction whatever the code does, and needs no retract function.
 */
function aggregateDefinition(declaration: ScriptDeclaration, signature: string, realms: ScriptRealms): AggregateDefinition {
  const { name, parameters, resultType, strict } = declaration;
  const script = new Script(declaration, realms);
  const types = parameters.map((parameter) => parameter.type);
  const create: AggregateDefinition['createAccumulator'] = (options) =>
    multiset(options, {
      skip: (args) => strict && args.slice(0, types.length).includes(null),
      finish: (entries) => {
        const rows: unknown[] = [];
        for (const entry of entries) {
          const row = types.map((type, index) => toPlain(entry.args[index] ?? null, type));
          for (let times = 0; times < entry.count; times++) rows.push(row);
        }
        return fromScript(script.call([JSON.stringify(rows)]), resultType, name);
      },
    });
  return {
    name,
    signature,
    argumentTypes: types,
    resultType,
    description: 'An aggregate in JavaScript',
    examples: [],
    mergeable: true,
    keepsValues: 'always',
    createAccumulator: create,
    createReference: (options) => new SingleGroupAggregate(create(options), options.argumentTypes),
  };
}
