import type { CopyStatement, ExplainedRelation, ExplainStatement, PrepareStatement, Statement, TestStatement } from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { printAlter, printAlterJob, printAlterSystem, printDefinition, printOptions } from './print-definition.ts';
import { printExpression } from './print-expression.ts';
import { printManipulation } from './print-manipulation.ts';
import { printQuery } from './print-query.ts';
import { printCursor, printJob, printSession, printTest, printTransaction } from './print-session.ts';
import { printPrint, printSubscribe } from './print-subscribe.ts';
import { printIdentifiers, printName, printString, printType } from './print-type.ts';

/** A statement as SQL text on one line, which reads back to the same tree. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'query':
      return printQuery(statement);
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'truncate':
      return printManipulation(statement);
    case 'alter':
      return printAlter(statement);
    case 'alter-system':
      return printAlterSystem(statement);
    case 'alter-job':
      return printAlterJob(statement);
    case 'explain':
      return printExplain(statement);
    case 'prepare':
      return printPrepare(statement);
    case 'copy':
      return printCopy(statement);
    case 'subscribe':
      return printSubscribe(statement);
    case 'print':
      return printPrint(statement);
    case 'declare-cursor':
    case 'declare-subscription-cursor':
    case 'fetch':
    case 'close-cursor':
      return printCursor(statement);
    case 'flush':
    case 'wait':
    case 'checkpoint':
    case 'create-savepoint':
    case 'check-state':
    case 'control-job':
    case 'statement-set':
      return printJob(statement);
    case 'begin':
    case 'commit':
    case 'rollback':
    case 'set-transaction':
    case 'savepoint':
    case 'release-savepoint':
    case 'rollback-to-savepoint':
      return printTransaction(statement);
    case 'set':
    case 'set-time-zone':
    case 'set-session-characteristics':
    case 'reset':
    case 'show-setting':
    case 'show-objects':
    case 'show-columns':
    case 'show-create':
    case 'describe':
    case 'execute':
    case 'deallocate':
    case 'discard':
    case 'maintain':
    case 'use':
    case 'define':
    case 'undefine':
    case 'add-jar':
      return printSession(statement);
    default:
      return isTestStatement(statement) ? printTest(statement) : printDefinition(statement);
  }
}

const testKinds: ReadonlySet<string> = new Set<TestStatement['kind']>([
  'assert-contents',
  'assert-values',
  'assert-null-values',
  'assert-definition',
  'assert-topic',
  'assert-empty',
  'assert-equivalent',
  'advance-watermark',
  'advance-clock',
  'crash',
  'restore',
]);

function isTestStatement(statement: Statement): statement is TestStatement {
  return testKinds.has(statement.kind);
}

function printPrepare(statement: PrepareStatement): string {
  const types = statement.parameterTypes.length === 0 ? '' : ` (${statement.parameterTypes.map(printType).join(', ')})`;
  return `PREPARE ${quoteIfNeeded(statement.name)}${types} AS ${printStatement(statement.statement)}`;
}

function printExplain(statement: ExplainStatement): string {
  const words = [
    statement.stage === 'plan' ? [] : [statement.stage.toUpperCase()],
    statement.analyze ? ['ANALYZE'] : [],
    statement.verbose ? ['VERBOSE'] : [],
    statement.options.length === 0 ? [] : [printOptions(statement.options).slice(1, -1)],
  ].flat();
  return `EXPLAIN ${words.length === 0 ? '' : `(${words.join(', ')}) `}${printExplained(statement.target)}`;
}

function printExplained(target: ExplainStatement['target']): string {
  if (target.kind === 'explained-relation') return printExplainedName(target);
  if (target.kind === 'explained-upgrade') return `UPGRADE ${printExplainedName(target)} TO ${printStatement(target.query)}`;
  if (target.kind !== 'explained-row') return printStatement(target);
  const rows = target.where === null ? `, ${target.key.map(printExpression).join(', ')}` : ` WHERE ${printExpression(target.where)}`;
  return `ROW (${printName(target.name)}${rows})`;
}

function printExplainedName({ type, name }: Pick<ExplainedRelation, 'type' | 'name'>): string {
  return `${type === null ? '' : `${type.toUpperCase()} `}${printName(name)}`;
}

function printCopy(statement: CopyStatement): string {
  const { source, target } = statement;
  const from = source.kind === 'copy-query' ? `(${printStatement(source.statement)})` : printName(source.name) + columnList(source.columns);
  const path = target.path === null ? target.type.toUpperCase() : `${target.type === 'program' ? 'PROGRAM ' : ''}${printString(target.path)}`;
  const options = statement.options.length === 0 ? '' : ` WITH ${printOptions(statement.options)}`;
  const where = statement.where === null ? '' : ` WHERE ${printExpression(statement.where)}`;
  return `COPY ${from} ${statement.direction.toUpperCase()} ${path}${options}${where}`;
}

function columnList(columns: Parameters<typeof printIdentifiers>[0]): string {
  return columns.length === 0 ? '' : ` (${printIdentifiers(columns)})`;
}
