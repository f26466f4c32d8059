import type { PrintStatement, SubscribeStatement } from '../ast/index.ts';
import { printOptions, withOptions } from './print-definition.ts';
import { printExpression, printOrderBy, printSource } from './print-expression.ts';
import { printIdentifiers, printName, printString } from './print-type.ts';

export function printSubscribe(statement: SubscribeStatement): string {
  const { envelope, asOf, upTo } = statement;
  return [
    `SUBSCRIBE ${printSource(statement.source)}`,
    envelope === null ? '' : ` ENVELOPE ${envelope.type.toUpperCase()} (KEY (${printIdentifiers(envelope.key)}))`,
    statement.withinTimestampOrderBy.length === 0 ? '' : ` WITHIN TIMESTAMP${printOrderBy(statement.withinTimestampOrderBy)}`,
    statement.options.length === 0 ? '' : ` WITH ${printOptions(statement.options)}`,
    asOf === null ? '' : ` AS OF ${printExpression(asOf)}`,
    upTo === null ? '' : ` UP TO ${printExpression(upTo)}`,
  ].join('');
}

export function printPrint({ source, fromBeginning, interval, limit, options }: PrintStatement): string {
  return [
    `PRINT ${source.kind === 'string-literal' ? printString(source.value) : printName(source)}`,
    fromBeginning ? ' FROM BEGINNING' : '',
    interval === null ? '' : ` INTERVAL ${interval}`,
    limit === null ? '' : ` LIMIT ${limit}`,
    withOptions(options),
  ].join('');
}
