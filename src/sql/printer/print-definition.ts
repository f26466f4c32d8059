import type {
  AlterAction,
  AlterJob,
  AlterStatement,
  AlterSystem,
  CheckConstraint,
  ColumnConstraint,
  ColumnDefinition,
  CreateFunction,
  CreateIndex,
  CreateRelation,
  CreateSink,
  DataDefinitionStatement,
  FormatClause,
  FunctionParameter,
  FunctionSignature,
  Identifier,
  IncludeClause,
  LikeElement,
  NotKept,
  OptionValue,
  ReferentialAction,
  SequenceOption,
  TableConstraint,
  TableElement,
  WithOption,
} from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { printExpression, printList, printOrderByItem, printSource } from './print-expression.ts';
import { printQuery } from './print-query.ts';
import { printIdentifiers, printName, printString, printType } from './print-type.ts';

export function printDefinition(statement: DataDefinitionStatement): string {
  switch (statement.kind) {
    case 'create-stream':
      return printRelation(statement, statement.source ? 'SOURCE STREAM' : 'STREAM');
    case 'create-table':
      return printRelation(statement, statement.source ? 'SOURCE TABLE' : 'TABLE');
    case 'create-source':
      return printRelation(statement, 'SOURCE');
    case 'create-view':
      return `${head(statement, 'VIEW', statement.temporary)}${viewTail(statement)} AS ${printQuery(statement.query)}`;
    case 'create-materialized-view':
      return `${head(statement, 'MATERIALIZED VIEW')}${viewTail(statement)} AS ${printQuery(statement.query)}${statement.withData ? '' : ' WITH NO DATA'}`;
    case 'create-sink':
      return printSink(statement);
    case 'create-index':
      return printIndex(statement);
    case 'create-function':
      return printFunctionDefinition(statement);
    case 'create-schema':
      return `CREATE ${statement.database ? 'DATABASE' : 'SCHEMA'} ${ifNotExists(statement)}${printName(statement.name)}`;
    case 'create-secret':
      return `${head(statement, 'SECRET')}${withOptions(statement.options)}${statement.value === null ? '' : ` AS ${printExpression(statement.value)}`}`;
    case 'create-connection':
      return `${head(statement, 'CONNECTION')}${withOptions(statement.options)}`;
    case 'create-subscription':
      return `${head(statement, 'SUBSCRIPTION')} FROM ${printName(statement.source)}${withOptions(statement.options)}`;
    case 'create-type':
      return `${head(statement, 'TYPE')} AS ${printType(statement.type)}`;
    case 'drop': {
      const topic = statement.deleteTopic ? ' DELETE TOPIC' : '';
      const names = statement.names.map(printName).join(', ');
      return `DROP ${temporary(statement)}${statement.objectKind.toUpperCase()} ${ifExists(statement)}${names}${behavior(statement)}${topic}`;
    }
    case 'drop-function': {
      const kind = statement.aggregate ? 'AGGREGATE' : 'FUNCTION';
      return `DROP ${temporary(statement)}${kind} ${ifExists(statement)}${statement.functions.map(printSignature).join(', ')}${behavior(statement)}`;
    }
    case 'comment-on': {
      const text = statement.text === null ? 'NULL' : printString(statement.text);
      return `COMMENT ON ${statement.objectKind.toUpperCase()} ${printName(statement.name)} IS ${text}`;
    }
  }
}

interface Named {
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly name: CreateRelation['name'];
}

function head(statement: Named, words: string, notKept: NotKept | null = null): string {
  const kept = notKept === null ? '' : notKept.unlogged ? 'UNLOGGED ' : 'TEMPORARY ';
  return `CREATE ${statement.orReplace ? 'OR REPLACE ' : ''}${kept}${words} ${ifNotExists(statement)}${printName(statement.name)}`;
}

function ifNotExists(statement: { readonly ifNotExists: boolean }): string {
  return statement.ifNotExists ? 'IF NOT EXISTS ' : '';
}

function ifExists(statement: { readonly ifExists: boolean }): string {
  return statement.ifExists ? 'IF EXISTS ' : '';
}

function temporary(statement: { readonly temporary: boolean }): string {
  return statement.temporary ? 'TEMPORARY ' : '';
}

function behavior(statement: { readonly behavior: 'cascade' | 'restrict' | null }): string {
  return statement.behavior === null ? '' : ` ${statement.behavior.toUpperCase()}`;
}

function comment(text: string | null): string {
  return text === null ? '' : ` COMMENT ${printString(text)}`;
}

function columns(identifiers: readonly Identifier[]): string {
  return identifiers.length === 0 ? '' : ` (${printIdentifiers(identifiers)})`;
}

function viewTail(view: {
  readonly columns: readonly Identifier[];
  readonly comment: string | null;
  readonly options: readonly WithOption[];
}): string {
  return columns(view.columns) + comment(view.comment) + withOptions(view.options);
}

function printRelation(relation: CreateRelation, words: string): string {
  const elements = relation.elements.length === 0 ? '' : ` (${relation.elements.map(printElement).join(', ')})`;
  const query = relation.query === null ? '' : ` AS ${printQuery(relation.query)}`;
  return [
    head(relation, words, relation.temporary),
    elements,
    comment(relation.comment),
    printDistribution(relation),
    relation.partitionedBy.length === 0 ? '' : ` PARTITIONED BY (${printIdentifiers(relation.partitionedBy)})`,
    relation.appendOnly ? ' APPEND ONLY' : '',
    relation.onCommit === null ? '' : ` ON COMMIT ${relation.onCommit.action.toUpperCase()}`,
    relation.includes.map(printInclude).join(''),
    withOptions(relation.options),
    printFormat(relation.format),
    relation.like === null ? '' : ` ${printLikeElement(relation.like)}`,
    query,
  ].join('');
}

function printDistribution({ distribution }: CreateRelation): string {
  if (distribution === null) return '';
  const buckets = distribution.buckets === null ? '' : ` INTO ${distribution.buckets} BUCKETS`;
  const method = distribution.method === null ? '' : ` ${distribution.method.toUpperCase()}`;
  return ` DISTRIBUTED${distribution.columns.length === 0 ? '' : ` BY${method}${columns(distribution.columns)}`}${buckets}`;
}

function printInclude(include: IncludeClause): string {
  const argument = include.argument === null ? '' : ` ${printString(include.argument)}`;
  return ` INCLUDE ${include.field.toUpperCase()}${argument}${include.alias === null ? '' : ` AS ${printName(include.alias)}`}`;
}

function printFormat(format: FormatClause | null): string {
  if (format === null) return '';
  const options = format.options.length === 0 ? '' : ` ${printOptions(format.options)}`;
  const key = format.keyEncode === null ? '' : ` KEY ENCODE ${format.keyEncode}`;
  return ` FORMAT ${format.format}${format.encode === null ? '' : ` ENCODE ${format.encode}`}${options}${key}`;
}

export function withOptions(options: readonly WithOption[]): string {
  return options.length === 0 ? '' : ` WITH ${printOptions(options)}`;
}

/** `(key = value, …)`. */
export function printOptions(options: readonly WithOption[]): string {
  return `(${options.map(printOption).join(', ')})`;
}

function printOption(option: WithOption): string {
  const key = printOptionKey(option.key);
  return option.value.form === 'absent' ? key : `${key} = ${printOptionValue(option.value)}`;
}

/** Dotted words stand bare, everything else in quotes. */
export function printOptionKey(key: string): string {
  return /^[A-Za-z_]\w*(?:-\w+)*(?:\.[A-Za-z_]\w*(?:-\w+)*)*$/.test(key) ? key : printString(key);
}

export function printOptionValue(value: OptionValue): string {
  switch (value.form) {
    case 'string':
      return printString(value.text);
    case 'secret':
      return `SECRET ${value.text}`;
    case 'list':
      return `(${value.text})`;
    default:
      return value.text;
  }
}

export function printElement(element: TableElement): string {
  switch (element.kind) {
    case 'column-definition':
      return printColumn(element);
    case 'watermark':
      return `WATERMARK FOR ${printName(element.column)} AS ${printExpression(element.expression)}`;
    case 'like-element':
      return printLikeElement(element);
    case 'all-columns':
      return '*';
    default:
      return printTableConstraint(element);
  }
}

function printLikeElement(element: LikeElement): string {
  const options = element.options.map((option) => `${option.action.toUpperCase()} ${option.feature.toUpperCase()}`);
  return `LIKE ${printName(element.table)}${options.length === 0 ? '' : ` (${options.join(' ')})`}`;
}

function printColumn(column: ColumnDefinition): string {
  const type = column.type === null ? '' : ` ${printType(column.type)}`;
  const constraints = column.constraints.map((constraint) => ` ${constraintName(constraint.name)}${printConstraint(constraint)}`).join('');
  return quoteIfNeeded(column.name) + type + printGenerated(column) + constraints;
}

function printGenerated({ computed, metadata }: ColumnDefinition): string {
  if (computed !== null) return ` GENERATED ALWAYS AS (${printExpression(computed.expression)})${computed.stored ? ' STORED' : ''}`;
  if (metadata === null) return '';
  return ` METADATA${metadata.key === null ? '' : ` FROM ${printString(metadata.key)}`}${metadata.virtual ? ' VIRTUAL' : ''}`;
}

function constraintName(name: Identifier | null): string {
  return name === null ? '' : `CONSTRAINT ${quoteIfNeeded(name)} `;
}

function printConstraint(constraint: ColumnConstraint): string {
  switch (constraint.kind) {
    case 'not-null':
      return 'NOT NULL';
    case 'nullable':
      return 'NULL';
    case 'default':
      return `DEFAULT ${printExpression(constraint.expression)}`;
    case 'primary-key':
      return `PRIMARY KEY${constraint.enforced ? '' : ' NOT ENFORCED'}`;
    case 'unique':
      return `UNIQUE${nulls(constraint)}`;
    case 'check':
      return printCheck(constraint);
    case 'references':
      return `REFERENCES ${printName(constraint.table)}${columns(constraint.columns)}${printActions(constraint)}`;
    case 'identity':
      return `GENERATED ${constraint.always ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY${printSequence(constraint.options)}`;
    case 'lateness':
      return `LATENESS ${printExpression(constraint.expression)}`;
    case 'key':
      return 'KEY';
    case 'collation':
      return `COLLATE ${printName(constraint.collation)}`;
    case 'comment':
      return `COMMENT ${printString(constraint.text)}`;
  }
}

function printSequence(options: readonly SequenceOption[]): string {
  const parts = options.map(({ option, value }) => option.toUpperCase() + (value === null ? '' : ` ${value}`));
  return parts.length === 0 ? '' : ` (${parts.join(' ')})`;
}

function nulls({ nullsDistinct }: { readonly nullsDistinct: boolean }): string {
  return nullsDistinct ? '' : ' NULLS NOT DISTINCT';
}

function printCheck({ expression, noInherit }: Pick<CheckConstraint, 'expression' | 'noInherit'>): string {
  return `CHECK (${printExpression(expression)})${noInherit ? ' NO INHERIT' : ''}`;
}

function printActions(constraint: { readonly onDelete: ReferentialAction | null; readonly onUpdate: ReferentialAction | null }): string {
  const onDelete = constraint.onDelete === null ? '' : ` ON DELETE ${constraint.onDelete.toUpperCase()}`;
  const onUpdate = constraint.onUpdate === null ? '' : ` ON UPDATE ${constraint.onUpdate.toUpperCase()}`;
  return onDelete + onUpdate;
}

function printTableConstraint(constraint: TableConstraint): string {
  const name = constraintName(constraint.name);
  switch (constraint.kind) {
    case 'table-primary-key':
      return `${name}PRIMARY KEY${columns(constraint.columns)}${constraint.enforced ? '' : ' NOT ENFORCED'}`;
    case 'table-unique':
      return `${name}UNIQUE${nulls(constraint)}${columns(constraint.columns)}`;
    case 'table-check':
      return `${name}${printCheck(constraint)}`;
    case 'table-foreign-key': {
      const target = `${printName(constraint.table)}${columns(constraint.referencedColumns)}`;
      return `${name}FOREIGN KEY${columns(constraint.columns)} REFERENCES ${target}${printActions(constraint)}`;
    }
  }
}

function printSink(sink: CreateSink): string {
  const into = sink.into === null ? '' : ` INTO ${printName(sink.into)}${columns(sink.columns)}`;
  const tail = withOptions(sink.options) + printFormat(sink.format);
  const source = sink.source.kind === 'query' ? ` AS ${printQuery(sink.source)}` : ` FROM ${printName(sink.source)}`;
  return `${head(sink, 'SINK')}${into}${tail}${source}`;
}

function printIndex(index: CreateIndex): string {
  const name = index.name === null ? '' : `${ifNotExists(index)}${printName(index.name)} `;
  const method = index.method === null ? '' : ` USING ${quoteIfNeeded(index.method)}`;
  return [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${index.concurrently ? 'CONCURRENTLY ' : ''}${name}ON ${printName(index.table)}${method}`,
    ` (${index.keys.map(printOrderByItem).join(', ')})`,
    index.include.length === 0 ? '' : ` INCLUDE${columns(index.include)}`,
    index.distributedBy.length === 0 ? '' : ` DISTRIBUTED BY (${printList(index.distributedBy)})`,
    withOptions(index.options),
    index.where === null ? '' : ` WHERE ${printExpression(index.where)}`,
  ].join('');
}

function printFunctionDefinition(statement: CreateFunction): string {
  const returnsTable = statement.returnsTable.length === 0 ? '' : ` RETURNS TABLE ${printParameters(statement.returnsTable)}`;
  const returns = statement.returns === null ? '' : ` RETURNS ${statement.returnsSet ? 'SETOF ' : ''}${printType(statement.returns)}`;
  return [
    head(statement, statement.aggregate ? 'AGGREGATE' : 'FUNCTION', statement.temporary),
    statement.parameters.length === 0 ? '' : ` ${printParameters(statement.parameters)}`,
    returnsTable,
    returns,
    statement.language === null ? '' : ` LANGUAGE ${/^[a-z_]\w*$/.test(statement.language) ? statement.language : printString(statement.language)}`,
    statement.volatility === null ? '' : ` ${statement.volatility.toUpperCase()}`,
    statement.strict ? ' STRICT' : '',
    withOptions(statement.options),
    statement.body === null ? '' : ` AS ${printString(statement.body)}`,
    statement.returnExpression === null ? '' : ` RETURN ${printExpression(statement.returnExpression)}`,
    statement.jar === null ? '' : ` USING JAR ${printString(statement.jar)}`,
  ].join('');
}

function printParameters(parameters: readonly FunctionParameter[]): string {
  const texts = parameters.map((parameter) => {
    const mode = parameter.mode === 'in' ? '' : `${parameter.mode.toUpperCase()} `;
    const name = parameter.name === null ? '' : `${quoteIfNeeded(parameter.name)} `;
    const defaultValue = parameter.defaultValue === null ? '' : ` DEFAULT ${printExpression(parameter.defaultValue)}`;
    return mode + name + printType(parameter.type) + defaultValue;
  });
  return `(${texts.join(', ')})`;
}

function printSignature(signature: FunctionSignature): string {
  return printName(signature.name) + (signature.arguments === null ? '' : `(${signature.arguments.map(printType).join(', ')})`);
}

export function printAlterSystem({ name, values }: AlterSystem): string {
  if (values === null) return `ALTER SYSTEM RESET ${name === null ? 'ALL' : printOptionKey(name)}`;
  return `ALTER SYSTEM SET ${printOptionKey(name!)} = ${values.map(printOptionValue).join(', ')}`;
}

export function printAlterJob({ job, actions }: AlterJob): string {
  return `ALTER JOB ${job.kind === 'qualified-name' ? printName(job) : printExpression(job)} ${actions.map(printAction).join(', ')}`;
}

export function printAlter(statement: AlterStatement): string {
  const actions = statement.actions.map(printAction).join(', ');
  return `ALTER ${statement.objectKind.toUpperCase()} ${ifExists(statement)}${printName(statement.name)} ${actions}`;
}

function printAction(action: AlterAction): string {
  switch (action.kind) {
    case 'rename-to':
      return `RENAME TO ${quoteIfNeeded(action.name)}`;
    case 'rename-column':
      return `RENAME COLUMN ${quoteIfNeeded(action.from)} TO ${quoteIfNeeded(action.to)}`;
    case 'set-schema':
      return `SET SCHEMA ${quoteIfNeeded(action.schema)}`;
    case 'owner-to':
      return `OWNER TO ${quoteIfNeeded(action.owner)}`;
    case 'swap-with':
      return `SWAP WITH ${printSource(action.name)}`;
    case 'set-options':
      return `SET ${printOptions(action.options)}`;
    case 'reset-options':
      return `RESET (${action.keys.map(printOptionKey).join(', ')})`;
    case 'set-parallelism':
      return `SET PARALLELISM = ${action.parallelism ?? 'ADAPTIVE'}`;
    case 'add-column':
      return `ADD COLUMN ${ifNotExists(action)}${printColumn(action.column)}`;
    case 'drop-column':
      return `DROP COLUMN ${ifExists(action)}${quoteIfNeeded(action.column)}${action.cascade ? ' CASCADE' : ''}`;
    case 'add-constraint':
      return `ADD ${printTableConstraint(action.constraint)}`;
    case 'drop-constraint':
      return `DROP CONSTRAINT ${ifExists(action)}${quoteIfNeeded(action.name)}${action.cascade ? ' CASCADE' : ''}`;
    case 'add-watermark':
      return `ADD ${printElement(action.watermark)}`;
    case 'column-type':
      return `ALTER COLUMN ${quoteIfNeeded(action.column)} TYPE ${printType(action.type)}${action.using === null ? '' : ` USING ${printExpression(action.using)}`}`;
    case 'column-default':
      return `ALTER COLUMN ${quoteIfNeeded(action.column)} ${action.expression === null ? 'DROP DEFAULT' : `SET DEFAULT ${printExpression(action.expression)}`}`;
    case 'column-not-null':
      return `ALTER COLUMN ${quoteIfNeeded(action.column)} ${action.notNull ? 'SET' : 'DROP'} NOT NULL`;
    case 'replace-query':
      return `AS ${printQuery(action.query)}`;
    default:
      return action.kind.toUpperCase();
  }
}
