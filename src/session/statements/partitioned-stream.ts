import { SqlError, SqlState } from '../../base/index.ts';
import { type CreateStream, type Expression, foldIdentifier, printExpression, type Query, type Select, type WithOption } from '../../sql/index.ts';

/** The stream of a query with PARTITION BY: those columns are the key of its messages. Errors: 42P10 for what the query does not select. */
export function keyedByPartition(stream: CreateStream, { body }: Query): CreateStream {
  if (body.kind !== 'select') return stream;
  const partitionBy = body.partitionBy.filter((one) => one.kind !== 'null-literal');
  if (partitionBy.length === 0) return stream;
  const columns = stream.elements.filter((element) => element.kind === 'column-definition');
  const keys = partitionBy.map((expression) => {
    const column = columns[positionOf(expression, body)] ?? columns.find(({ name }) => foldIdentifier(name) === lastName(expression));
    if (column !== undefined) return column;
    throw new SqlError({
      code: SqlState.invalidColumnReference,
      message: `PARTITION BY ${printExpression(expression)} is not among the columns of the query`,
      hint: 'The key is read from messages like any other column: add it to SELECT.',
      position: expression.span.start,
    });
  });
  const elements = stream.elements.map((element) =>
    element.kind === 'column-definition' && keys.includes(element)
      ? { ...element, constraints: [...element.constraints, { kind: 'key', name: null, span: element.span } as const] }
      : element,
  );
  const { span } = stream.name;
  const text = keys.map(({ name }) => name.text).join(',');
  const fields: WithOption = {
    kind: 'with-option',
    key: 'key.fields',
    keySpan: span,
    value: { kind: 'option-value', form: 'string', text, span },
    span,
  };
  const given = stream.options.some(({ key }) => ['key.fields', 'primary_key'].includes(key.toLowerCase()));
  return { ...stream, elements, options: given ? stream.options : [...stream.options, fields] };
}

/** Which item of the list it is; -1 where none is written like it, or a star may stand for several. */
function positionOf(expression: Expression, { items }: Select): number {
  if (items.some((item) => item.expression.kind === 'star')) return -1;
  const text = printExpression(expression);
  return items.findIndex((item) => printExpression(item.expression) === text);
}

function lastName(expression: Expression): string | null {
  return expression.kind === 'column-reference' ? foldIdentifier(expression.name.at(-1)!) : null;
}
