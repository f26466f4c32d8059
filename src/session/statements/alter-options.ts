import { SqlError, SqlState } from '../../base/index.ts';
import { declaredOptions, type Relation, storageOf, withDeclaredOptions } from '../../catalog/index.ts';
import type { OptionDefinition } from '../../spi/index.ts';
import { type AlterAction, parseStatement, printStatement, type Statement, type WithOption } from '../../sql/index.ts';
import { embeddedOptions, optionMs, viewOptions } from '../ddl/relation-options.ts';
import { checkOptions, definitionOf, knownOptions } from '../ddl/resolve-options.ts';
import { hasJob } from '../engine/index.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';
import { refuseInBlock } from './refuse-in-block.ts';
import { checkTarget } from './sink-draft.ts';

type OptionsAction = Extract<AlterAction, { readonly kind: 'set-options' | 'reset-options' }>;

/** A definition with options of its own, as it was written. */
type DefinedWithOptions = Extract<Statement, { readonly options: readonly WithOption[]; readonly kind: `create-${string}` }>;

/** The options of a relation before and behind an ALTER: as its statement has them, and checked under their canonical names. */
interface AlteredOptions {
  readonly statement: DefinedWithOptions;
  /** Canonical names that have another value, or none, now. */
  readonly changed: ReadonlyMap<string, string | null>;
}

/**
 * ALTER … SET (option = value, …), RESET (option, …): the statement of the relation with other options, under the checks of its CREATE. The job starts
 * again from a checkpoint and keeps its state and its positions. Errors: 0A000 for an option that says what is read or written or kept, 42704, 22023.
 */
export async function alterOptions(action: OptionsAction, relation: Relation, context: StatementContext): Promise<void> {
  const known = optionsOf(relation, context);
  const { statement, changed } = altered(action, relation, known);
  if (changed.size === 0) {
    const message = `"${relation.name}" has these options already`;
    return context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message });
  }
  refuseInBlock(context, `ALTER … ${action.kind === 'set-options' ? 'SET' : 'RESET'} (…)`);
  const next = withOptions(relation, statement, changed);
  requireUsable(relation, next, action);
  if (next.kind === 'sink') await cancellable(checkTarget(next.options!, { columns: next.columns, key: next.primaryKey }, context), context.signal);
  await cancellable(context.engine.alterOptions(next, context.signal), context.signal);
}

/** Definitions of the options the relation can have. Errors: 42809 for a relation that has none. */
function optionsOf(relation: Relation, { engine }: StatementContext): readonly OptionDefinition[] {
  if (relation.kind === 'materialized view') return viewOptions;
  if (relation.options !== null) return knownOptions(relation.options, engine.registries);
  if (relation.kind === 'stream') return embeddedOptions;
  throw new SqlError({
    code: SqlState.wrongObjectType,
    message: `${relation.kind} "${relation.name}" has no options`,
    hint: 'Materialized views, sinks and what is over a connector have.',
  });
}

function altered(action: OptionsAction, relation: Relation, known: readonly OptionDefinition[]): AlteredOptions {
  const written = parseStatement(relation.statement);
  if (!('options' in written) || !written.kind.startsWith('create-')) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `"${relation.name}" was not made by a CREATE with options`,
      hint: 'The options of what an INSERT writes into are those of its target.',
      position: action.span.start,
    });
  }
  const statement = written as DefinedWithOptions;
  const owner = `${relation.kind} "${relation.name}"`;
  const nameOf = (option: Pick<WithOption, 'key' | 'keySpan'>): string => {
    const definition = definitionOf(known, option, owner);
    const name = definition.name.endsWith('*') ? option.key : definition.name;
    if (definition.alterable !== true) throw fixedOption(name, relation, option.keySpan.start);
    return name;
  };
  const set = action.kind === 'set-options' ? action.options : [];
  const values = checkOptions(set, known, owner);
  const names = action.kind === 'set-options' ? set.map(nameOf) : action.keys.map((key) => nameOf({ key, keySpan: action.span }));
  const goes = ({ key, keySpan }: WithOption): boolean => {
    const definition = definitionOf(known, { key, keySpan }, owner);
    return names.includes(definition.name.endsWith('*') ? key : definition.name);
  };
  const before = declaredOptions(relation);
  const changed = names
    .filter((name) => (before.get(name) ?? null) !== (values.get(name) ?? null))
    .map((name) => [name, values.get(name) ?? null] as const);
  const options = [...statement.options.filter((option) => !goes(option)), ...set];
  return { statement: { ...statement, options } as DefinedWithOptions, changed: new Map(changed) };
}

/** The relation with other options; its state goes on under those it was made with. */
function withOptions(relation: Relation, statement: DefinedWithOptions, changed: AlteredOptions['changed']): Relation {
  const own = declaredOptions(relation);
  const options = new Map(own);
  for (const [name, value] of changed) {
    if (value === null) options.delete(name);
    else options.set(name, value);
  }
  const storage = { ...storageOf(relation), options: relation.storage?.options ?? Object.fromEntries(own) };
  const next = { ...relation, statement: printStatement(statement), ...(hasJob(relation) && { storage }) };
  return relation.kind === 'materialized view' && options.size === 0 ? { ...next, options: null } : withDeclaredOptions(next, options);
}

/** Errors: 22023 for a stream that would keep nothing, 0A000 for one whose rows are kept without their times or would be from now on. */
function requireUsable(relation: Relation, next: Relation, { span }: OptionsAction): void {
  const [before, retention] = [relation.embeddedOptions?.['retention'], next.embeddedOptions?.['retention']];
  if ((before === undefined) !== (retention === undefined)) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `stream "${relation.name}" has been made ${before === undefined ? 'without' : 'with'} a retention, and keeps its rows in that form`,
      hint: 'CREATE OR REPLACE begins anew with other options. A retention can be made longer or shorter.',
      position: span.start,
    });
  }
  if (retention === undefined || optionMs(retention) >= 1) return;
  throw new SqlError({ code: SqlState.invalidParameterValue, message: `rows cannot be kept for "${retention}"`, position: span.start });
}

function fixedOption(name: string, relation: Relation, position: number): SqlError {
  return new SqlError({
    code: SqlState.featureNotSupported,
    message: `option "${name}" of ${relation.kind} "${relation.name}" cannot be altered: what it has read or written so far depends on it`,
    hint: 'CREATE OR REPLACE begins anew with other options.',
    position,
  });
}
