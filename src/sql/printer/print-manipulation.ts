import type { Assignment, DataManipulationStatement, Identifier, InsertStatement, MergeClause, OnConflict, SelectItem } from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { bindModificationPrinter } from './nested-query.ts';
import { printExpression, printList } from './print-expression.ts';
import { printAlias, printFromItem } from './print-from-item.ts';
import { printQuery, printSelectItems, printWith } from './print-query.ts';
import { printIdentifiers, printName } from './print-type.ts';

export function printManipulation(statement: DataManipulationStatement): string {
  switch (statement.kind) {
    case 'insert':
      return printInsert(statement);
    case 'update': {
      const from = statement.from.length === 0 ? '' : ` FROM ${statement.from.map(printFromItem).join(', ')}`;
      const target = `${printName(statement.table)}${as(statement.alias)}`;
      return `${printWith(statement.with)}UPDATE ${target} SET ${printAssignments(statement.assignments)}${from}${tail(statement)}`;
    }
    case 'delete': {
      const using = statement.using.length === 0 ? '' : ` USING ${statement.using.map(printFromItem).join(', ')}`;
      return `${printWith(statement.with)}DELETE FROM ${printName(statement.table)}${as(statement.alias)}${using}${tail(statement)}`;
    }
    case 'merge': {
      const target = `${printName(statement.target)}${printAlias(statement.alias)}`;
      const clauses = statement.clauses.map(printMergeClause).join('');
      const head = `MERGE INTO ${target} USING ${printFromItem(statement.source)} ON ${printExpression(statement.on)}`;
      return printWith(statement.with) + head + clauses + returning(statement.returning);
    }
    case 'truncate': {
      const identity = statement.restartIdentity ? ' RESTART IDENTITY' : '';
      return `TRUNCATE ${statement.tables.map(printName).join(', ')}${identity}${statement.cascade ? ' CASCADE' : ''}`;
    }
  }
}

function as(alias: Identifier | null): string {
  return alias === null ? '' : ` AS ${quoteIfNeeded(alias)}`;
}

function tail(statement: { readonly where: Parameters<typeof printExpression>[0] | null; readonly returning: readonly SelectItem[] }): string {
  return (statement.where === null ? '' : ` WHERE ${printExpression(statement.where)}`) + returning(statement.returning);
}

function returning(items: readonly SelectItem[]): string {
  return items.length === 0 ? '' : ` RETURNING ${printSelectItems(items)}`;
}

export function printInsert(statement: InsertStatement): string {
  const columns = statement.columns.length === 0 ? '' : ` (${printIdentifiers(statement.columns)})`;
  const overriding = statement.overriding === null ? '' : ` OVERRIDING ${statement.overriding.toUpperCase()} VALUE`;
  const source = statement.query === null ? ' DEFAULT VALUES' : ` ${printQuery(statement.query)}`;
  const conflict = statement.onConflict === null ? '' : printConflict(statement.onConflict);
  const head = `${printWith(statement.with)}INSERT INTO ${printName(statement.table)}${as(statement.alias)}`;
  return head + columns + overriding + source + conflict + returning(statement.returning);
}

function printConflict(conflict: OnConflict): string {
  const targetWhere = conflict.targetWhere === null ? '' : ` WHERE ${printExpression(conflict.targetWhere)}`;
  const target = conflict.target.length === 0 ? '' : ` (${printList(conflict.target)})${targetWhere}`;
  const constraint = conflict.constraint === null ? '' : ` ON CONSTRAINT ${quoteIfNeeded(conflict.constraint)}`;
  const where = conflict.where === null ? '' : ` WHERE ${printExpression(conflict.where)}`;
  const update = conflict.action === 'update' ? ` SET ${printAssignments(conflict.assignments)}${where}` : '';
  return ` ON CONFLICT${target}${constraint} DO ${conflict.action.toUpperCase()}${update}`;
}

function printAssignments(assignments: readonly Assignment[]): string {
  return assignments.map(printAssignment).join(', ');
}

function printAssignment({ targets, value }: Assignment): string {
  const names = targets.map((target) => {
    const steps = target.path.map((step) => (step.kind === 'identifier' ? `.${quoteIfNeeded(step)}` : `[${printExpression(step)}]`));
    return quoteIfNeeded(target.column) + steps.join('');
  });
  const left = names.length === 1 ? names[0] : `(${names.join(', ')})`;
  return `${left} = ${printExpression(value)}`;
}

function printMergeClause({ match, condition, action }: MergeClause): string {
  const and = condition === null ? '' : ` AND ${printExpression(condition)}`;
  return ` WHEN ${match.toUpperCase()}${and} THEN ${printMergeAction(action)}`;
}

function printMergeAction(action: MergeClause['action']): string {
  switch (action.kind) {
    case 'merge-update':
      return `UPDATE SET ${printAssignments(action.assignments)}`;
    case 'merge-delete':
      return 'DELETE';
    case 'merge-nothing':
      return 'DO NOTHING';
    case 'merge-insert': {
      const columns = action.columns.length === 0 ? '' : ` (${printIdentifiers(action.columns)})`;
      const overriding = action.overriding === null ? '' : ` OVERRIDING ${action.overriding.toUpperCase()} VALUE`;
      return `INSERT${columns}${overriding} ${action.values === null ? 'DEFAULT VALUES' : `VALUES (${printList(action.values)})`}`;
    }
  }
}

bindModificationPrinter(printManipulation);
