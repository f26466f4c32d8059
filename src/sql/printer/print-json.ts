import type {
  Expression,
  FunctionCall,
  JsonBehaviour,
  JsonConstructor,
  JsonInput,
  JsonMember,
  JsonPathCall,
  OrderByItem,
  TypeName,
} from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { printNestedQuery } from './nested-query.ts';
import { printType } from './print-type.ts';

/** What a call holds: handed in, since expressions hold these calls. */
interface Printers {
  expression(expression: Expression): string;
  orderBy(items: readonly OrderByItem[]): string;
  over(call: Pick<FunctionCall, 'over'>): string;
}

export function printJsonPathCall(call: JsonPathCall, printers: Printers): string {
  const passing = call.passing.map((one) => `${printInput(one.value, printers)} AS ${quoteIfNeeded(one.name)}`).join(', ');
  const clauses = [
    passing === '' ? '' : ` PASSING ${passing}`,
    printReturning(call.returning),
    call.wrapper === null ? '' : ` ${WRAPPERS[call.wrapper]} WRAPPER`,
    call.quotes === null ? '' : ` ${call.quotes.toUpperCase()} QUOTES`,
    printBehaviour(call.onEmpty, 'EMPTY', printers),
    printBehaviour(call.onError, 'ERROR', printers),
  ];
  return `${call.function.toUpperCase()}(${printInput(call.document, printers)}, ${printers.expression(call.path)}${clauses.join('')})`;
}

const WRAPPERS = { without: 'WITHOUT', conditional: 'WITH CONDITIONAL', unconditional: 'WITH UNCONDITIONAL' } as const;

export function printJsonConstructor(call: JsonConstructor, printers: Printers): string {
  const content = call.query === null ? call.members.map((member) => printMember(member, printers)).join(', ') : printNestedQuery(call.query);
  const clauses = [
    content,
    printers.orderBy(call.orderBy).trim(),
    call.onNull === null ? '' : `${call.onNull.toUpperCase()} ON NULL`,
    call.uniqueKeys ? 'WITH UNIQUE KEYS' : '',
    printReturning(call.returning).trim(),
  ];
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${printers.expression(call.filter)})`;
  return `${call.function.toUpperCase()}(${clauses.filter((clause) => clause !== '').join(' ')})${filter}${printers.over(call)}`;
}

function printMember(member: JsonMember, printers: Printers): string {
  return `${member.key === null ? '' : `${printers.expression(member.key)} VALUE `}${printInput(member.value, printers)}`;
}

function printInput(input: JsonInput, printers: Printers): string {
  return printers.expression(input.value) + (input.formatJson ? ' FORMAT JSON' : '');
}

function printReturning(type: TypeName | null): string {
  return type === null ? '' : ` RETURNING ${printType(type)}`;
}

function printBehaviour(behaviour: JsonBehaviour | null, event: 'EMPTY' | 'ERROR', printers: Printers): string {
  if (behaviour === null) return '';
  const value = behaviour.value === null ? '' : ` ${printers.expression(behaviour.value)}`;
  return ` ${behaviour.behaviour.toUpperCase()}${value} ON ${event}`;
}
