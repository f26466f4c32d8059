import type { SubscribeStatement } from '../ast/index.ts';
import { printOptions } from './print-definition.ts';
import { printExpression, printOrderBy, printSource } from './print-expression.ts';
import { printIdentifiers } from './print-type.ts';

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
