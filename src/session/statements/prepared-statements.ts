import { SqlError, SqlState } from '../../base/index.ts';
import { foldIdentifier } from '../../sql/index.ts';
import type { PreparedStatement } from '../session-state.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { describeStatement, executeStatement } from './dispatch.ts';

/** PREPARE name (types) AS statement. */
export const prepareStatement: StatementHandler<'prepare'> = {
  kind: 'prepare',
  async execute(statement, context) {
    const name = foldIdentifier(statement.name);
    if (context.session.prepared.has(name)) {
      throw new SqlError({
        code: SqlState.duplicatePreparedStatement,
        message: `prepared statement "${name}" already exists`,
        position: statement.name.span.start,
      });
    }
    const declaredTypes = statement.parameterTypes.map((type) => binderOf(context).type(type));
    const parsed = { ...context.parsed, statement: statement.statement };
    const shape = describeStatement({ ...context, parsed, parameters: null, parameterTypes: declaredTypes });
    context.session.prepared.set(name, { name, text: context.parsed.text, parsed, declaredTypes, ...shape });
    return { kind: 'command', tag: 'PREPARE' };
  },
};

/** EXECUTE name (values): the values are constants, coerced to the parameters' types by assignment. */
export const executePrepared: StatementHandler<'execute'> = {
  kind: 'execute',
  describe: (statement, context) => ({ parameterTypes: [], fields: find(foldIdentifier(statement.name), context).fields }),
  async execute(statement, context) {
    const prepared = find(foldIdentifier(statement.name), context);
    const { parameterTypes } = prepared;
    if (statement.parameters.length !== parameterTypes.length) {
      throw new SqlError({
        code: SqlState.syntaxError,
        message: `wrong number of parameters for prepared statement "${prepared.name}"`,
        detail: `Expected ${parameterTypes.length} parameters but got ${statement.parameters.length}.`,
        position: statement.name.span.start,
      });
    }
    const parameters = statement.parameters.map((value, index) => binderOf(context).constant(value, parameterTypes[index]!, 'EXECUTE parameters'));
    // Places in the text of PREPARE mean nothing in that of EXECUTE.
    const warn: StatementContext['warn'] = (warning) => context.warn({ ...warning, position: undefined });
    return executeStatement({ ...context, warn, parsed: prepared.parsed!, parameters, parameterTypes });
  },
};

export const deallocate: StatementHandler<'deallocate'> = {
  kind: 'deallocate',
  async execute(statement, context) {
    if (statement.name === null) {
      context.session.prepared.clear();
      return { kind: 'command', tag: 'DEALLOCATE ALL' };
    }
    const name = foldIdentifier(statement.name);
    find(name, context);
    context.session.prepared.delete(name);
    return { kind: 'command', tag: 'DEALLOCATE' };
  },
};

function find(name: string, context: StatementContext): PreparedStatement {
  const prepared = context.session.prepared.get(name);
  if (prepared?.parsed) return prepared;
  throw new SqlError({ code: SqlState.invalidSqlStatementName, message: `prepared statement "${name}" does not exist` });
}
