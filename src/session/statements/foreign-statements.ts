import { SqlState } from '../../base/index.ts';
import type { StatementHandler } from '../statement-context.ts';

/** DEFINE name = 'value': from then on `${name}` in the session's statements is the value. */
export const define: StatementHandler<'define'> = {
  kind: 'define',
  async execute(statement, { session }) {
    session.variables.set(statement.name.text.toLowerCase(), statement.value);
    return { kind: 'command', tag: 'DEFINE' };
  },
};

export const undefine: StatementHandler<'undefine'> = {
  kind: 'undefine',
  async execute(statement, { session, notice }) {
    const known = session.variables.delete(statement.name.text.toLowerCase());
    if (!known) notice({ severity: 'NOTICE', code: SqlState.warning, message: `variable "${statement.name.text}" is not defined` });
    return { kind: 'command', tag: 'UNDEFINE' };
  },
};

/** ADD JAR: scripts for Flink begin with it. Nothing of Java is run, and what would need it is refused when it is used. */
export const addJar: StatementHandler<'add-jar'> = {
  kind: 'add-jar',
  async execute(statement, { notice }) {
    notice({ severity: 'WARNING', code: SqlState.warning, message: `"${statement.path}" is not loaded: there is no Java here` });
    return { kind: 'command', tag: 'ADD JAR' };
  },
};
