import type {
  AssertedRelation,
  CursorStatement,
  FetchStatement,
  Identifier,
  JobStatement,
  SessionStatement,
  SetStatement,
  ShowPattern,
  TestStatement,
  TransactionModes,
  TransactionStatement,
} from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { printElement, printOptionKey, printOptions, printOptionValue, withOptions } from './print-definition.ts';
import { printExpression, printList } from './print-expression.ts';
import { printInsert } from './print-manipulation.ts';
import { printQuery } from './print-query.ts';
import { printSubscribe } from './print-subscribe.ts';
import { printIdentifiers, printName, printString } from './print-type.ts';

export function printSession(statement: Exclude<SessionStatement, { kind: 'prepare' }>): string {
  switch (statement.kind) {
    case 'set':
      return printSet(statement);
    case 'set-time-zone':
      return `SET ${scope(statement)}TIME ZONE ${statement.zone === null ? 'LOCAL' : printExpression(statement.zone)}`;
    case 'set-session-characteristics':
      return `SET SESSION CHARACTERISTICS AS TRANSACTION${printModes(statement.modes)}`;
    case 'reset':
      return `RESET ${statement.name === null ? 'ALL' : printOptionKey(statement.name)}`;
    case 'show-setting':
      return `SHOW ${statement.name === null ? 'ALL' : printOptionKey(statement.name)}`;
    case 'show-objects': {
      const from = statement.from === null ? '' : ` FROM ${printName(statement.from)}`;
      return `SHOW ${statement.objects.toUpperCase()}${statement.extended ? ' EXTENDED' : ''}${from}${printPattern(statement.like)}`;
    }
    case 'show-columns':
      return `SHOW COLUMNS FROM ${printName(statement.relation)}${printPattern(statement.like)}`;
    case 'show-create':
      return `SHOW CREATE ${statement.objectKind.toUpperCase()} ${printName(statement.name)}`;
    case 'describe': {
      const kind = statement.objectKind === null ? '' : `${statement.objectKind.toUpperCase()} `;
      return `DESCRIBE ${kind}${printName(statement.name)}${statement.extended ? ' EXTENDED' : ''}`;
    }
    case 'execute':
      return `EXECUTE ${quoteIfNeeded(statement.name)}${statement.parameters.length === 0 ? '' : ` (${printList(statement.parameters)})`}`;
    case 'deallocate':
      return `DEALLOCATE ${statement.name === null ? 'ALL' : quoteIfNeeded(statement.name)}`;
    case 'discard':
      return `DISCARD ${statement.target.toUpperCase()}`;
    case 'maintain': {
      const relations = statement.relations.map(
        ({ name, columns }) => `${printName(name)}${columns.length === 0 ? '' : ` (${printIdentifiers(columns)})`}`,
      );
      return [statement.command.toUpperCase(), relations.join(', ')].filter((part) => part !== '').join(' ');
    }
    case 'use':
      return `USE ${statement.catalog ? 'CATALOG ' : ''}${printName(statement.name)}`;
    case 'define':
      return `DEFINE ${quoteIfNeeded(statement.name)} = ${printString(statement.value)}`;
    case 'undefine':
      return `UNDEFINE ${quoteIfNeeded(statement.name)}`;
    case 'add-jar':
      return `ADD JAR ${printString(statement.path)}`;
  }
}

function scope(statement: { readonly scope: 'session' | 'local' }): string {
  return statement.scope === 'local' ? 'LOCAL ' : '';
}

function printSet(statement: SetStatement): string {
  const values = statement.values === null ? 'DEFAULT' : statement.values.map(printOptionValue).join(', ');
  return `SET ${scope(statement)}${printOptionKey(statement.name)} = ${values}`;
}

function printPattern(like: ShowPattern | null): string {
  return like === null ? '' : `${like.negated ? ' NOT' : ''} ${like.operator.toUpperCase()} ${printString(like.pattern)}`;
}

/** The modes with a space in front of each, or nothing. */
function printModes(modes: TransactionModes): string {
  return [
    modes.isolation === null ? '' : ` ISOLATION LEVEL ${modes.isolation.toUpperCase()}`,
    modes.readOnly === null ? '' : modes.readOnly ? ' READ ONLY' : ' READ WRITE',
    modes.deferrable === null ? '' : modes.deferrable ? ' DEFERRABLE' : ' NOT DEFERRABLE',
  ].join('');
}

export function printTransaction(statement: TransactionStatement): string {
  switch (statement.kind) {
    case 'begin':
      return `BEGIN${printModes(statement.modes)}`;
    case 'commit':
      return `COMMIT${statement.chain ? ' AND CHAIN' : ''}`;
    case 'rollback':
      return `ROLLBACK${statement.chain ? ' AND CHAIN' : ''}`;
    case 'set-transaction':
      return `SET TRANSACTION${printModes(statement.modes)}`;
    case 'savepoint':
      return `SAVEPOINT ${quoteIfNeeded(statement.name)}`;
    case 'release-savepoint':
      return `RELEASE SAVEPOINT ${quoteIfNeeded(statement.name)}`;
    case 'rollback-to-savepoint':
      return `ROLLBACK TO SAVEPOINT ${quoteIfNeeded(statement.name)}`;
  }
}

export function printCursor(statement: CursorStatement): string {
  switch (statement.kind) {
    case 'declare-cursor': {
      const scroll = statement.scroll === null ? '' : statement.scroll ? ' SCROLL' : ' NO SCROLL';
      const words = `${statement.binary ? ' BINARY' : ''}${statement.insensitive ? ' INSENSITIVE' : ''}${scroll}`;
      const query = statement.query.kind === 'query' ? printQuery(statement.query) : printSubscribe(statement.query);
      return `DECLARE ${quoteIfNeeded(statement.name)}${words} CURSOR${statement.hold ? ' WITH HOLD' : ''} FOR ${query}`;
    }
    case 'declare-subscription-cursor': {
      const since = statement.since === null ? '' : ` SINCE ${printExpression(statement.since)}`;
      const name = quoteIfNeeded(statement.name);
      return `DECLARE ${name} SUBSCRIPTION CURSOR FOR ${printName(statement.subscription)}${since}${statement.full ? ' FULL' : ''}`;
    }
    case 'fetch':
      return printFetch(statement);
    case 'close-cursor':
      return `CLOSE ${statement.name === null ? 'ALL' : quoteIfNeeded(statement.name)}`;
  }
}

function printFetch(statement: FetchStatement): string {
  const count = statement.count === null ? '' : ` ${statement.count === 'all' ? 'ALL' : statement.count}`;
  const options = statement.options.length === 0 ? '' : ` WITH ${printOptions(statement.options)}`;
  return `${statement.move ? 'MOVE' : 'FETCH'} ${statement.direction.toUpperCase()}${count} FROM ${quoteIfNeeded(statement.cursor)}${options}`;
}

export function printJob(statement: JobStatement): string {
  switch (statement.kind) {
    case 'flush':
    case 'wait':
    case 'checkpoint':
      return statement.kind.toUpperCase();
    case 'create-savepoint':
      return `CREATE SAVEPOINT${printPath(statement.path)}`;
    case 'check-state':
      return 'CHECK STATE';
    case 'control-job': {
      const { job } = statement;
      const name = job === null ? 'ALL' : job.kind === 'qualified-name' ? printName(job) : printExpression(job);
      const tail = `${statement.withSavepoint ? ` WITH SAVEPOINT${printPath(statement.savepointPath)}` : ''}${statement.withDrain ? ' WITH DRAIN' : ''}`;
      return `${statement.action.toUpperCase()} JOB ${name}${tail}`;
    }
    case 'statement-set':
      return `EXECUTE STATEMENT SET BEGIN ${statement.statements.map((insert) => `${printInsert(insert)}; `).join('')}END`;
  }
}

function printPath(path: string | null): string {
  return path === null ? '' : ` ${printString(path)}`;
}

export function printTest(statement: TestStatement): string {
  switch (statement.kind) {
    case 'assert-contents':
      return `ASSERT ${statement.what.toUpperCase()} ${printAsserted(statement.relation)} = (${printQuery(statement.expected)})`;
    case 'assert-values':
      return `ASSERT VALUES ${printName(statement.relation)} ${printColumns(statement.columns)} ${printQuery(statement.expected)}`;
    case 'assert-null-values':
      return `ASSERT NULL VALUES ${printName(statement.relation)} ${printColumns(statement.columns)} KEY (${printList(statement.key)})`;
    case 'assert-definition': {
      const elements = statement.elements.length === 0 ? '' : ` (${statement.elements.map(printElement).join(', ')})`;
      return `ASSERT ${statement.what.toUpperCase()} ${printName(statement.relation)}${elements}${withOptions(statement.options)}`;
    }
    case 'assert-topic':
      return `ASSERT ${statement.absent ? 'NOT EXISTS ' : ''}TOPIC ${printString(statement.topic)}${withOptions(statement.options)}`;
    case 'assert-empty':
      return `ASSERT EMPTY ${printAsserted(statement.relation)}`;
    case 'assert-equivalent': {
      const shuffle = statement.shuffleSeed === null ? '' : ` SHUFFLE ${statement.shuffleSeed}`;
      return `ASSERT EQUIVALENT ${printName(statement.relation)}${shuffle}${statement.duplicate ? ' DUPLICATE' : ''}${statement.late ? ' LATE' : ''}`;
    }
    case 'advance-watermark':
      return `ADVANCE WATERMARK ${printName(statement.stream)} TO ${printExpression(statement.to)}`;
    case 'advance-clock':
      return `ADVANCE CLOCK ${statement.mode.toUpperCase()} ${printExpression(statement.value)}`;
    case 'crash': {
      const { at } = statement;
      return at === null ? 'CRASH' : `CRASH AT ${at.kind === 'identifier' ? quoteIfNeeded(at) : printExpression(at)}`;
    }
    case 'restore':
      return `RESTORE${statement.parallelism === null ? '' : ` PARALLELISM ${statement.parallelism}`}`;
  }
}

function printColumns(columns: readonly Identifier[]): string {
  return `(${columns.map(quoteIfNeeded).join(', ')})`;
}

function printAsserted(relation: AssertedRelation): string {
  switch (relation.kind) {
    case 'query':
      return `(${printQuery(relation)})`;
    case 'function-call':
      return printExpression(relation);
    case 'qualified-name':
      return printName(relation);
  }
}
