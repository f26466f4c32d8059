import { SqlError, SqlState } from '../../base/index.ts';
import { foldIdentifier } from '../../sql/index.ts';
import type { CommandResult, SessionNotice } from '../contract.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import type { Transaction } from '../transaction.ts';

const command = (tag: string): CommandResult => ({ kind: 'command', tag });

const noTransaction: SessionNotice = {
  severity: 'WARNING',
  code: SqlState.noActiveSqlTransaction,
  message: 'there is no transaction in progress',
};

/** BEGIN, START TRANSACTION. A second BEGIN warns and changes nothing. */
export const beginTransaction: StatementHandler<'begin'> = {
  kind: 'begin',
  async execute(statement, context) {
    if (explicitBlock(context) !== null) {
      context.notice({ severity: 'WARNING', code: SqlState.activeSqlTransaction, message: 'there is already a transaction in progress' });
    } else {
      context.session.beginBlock(statement.modes.readOnly ?? context.session.settings.get('default_transaction_read_only') === 'on');
    }
    return command('BEGIN');
  },
};

/** COMMIT of a failed block rolls back and says so in its tag, as PostgreSQL does. */
export const commitTransaction: StatementHandler<'commit'> = {
  kind: 'commit',
  endsFailedTransaction: true,
  async execute(statement, context) {
    const block = explicitBlock(context);
    if (block === null) {
      context.notice(noTransaction);
      return command('COMMIT');
    }
    const { failed, readOnly } = block;
    await (failed ? context.session.rollback() : context.session.commit());
    if (statement.chain) context.session.beginBlock(readOnly);
    return command(failed ? 'ROLLBACK' : 'COMMIT');
  },
};

export const rollbackTransaction: StatementHandler<'rollback'> = {
  kind: 'rollback',
  endsFailedTransaction: true,
  async execute(statement, context) {
    const block = explicitBlock(context);
    if (block === null) context.notice(noTransaction);
    else {
      await context.session.rollback();
      if (statement.chain) context.session.beginBlock(block.readOnly);
    }
    return command('ROLLBACK');
  },
};

export const setTransaction: StatementHandler<'set-transaction'> = {
  kind: 'set-transaction',
  async execute(statement, context) {
    const { readOnly } = statement.modes;
    if (readOnly !== null) context.session.settings.set('transaction_read_only', readOnly ? 'on' : 'off', 'local');
    return command('SET');
  },
};

export const setSessionCharacteristics: StatementHandler<'set-session-characteristics'> = {
  kind: 'set-session-characteristics',
  async execute(statement, context) {
    const { isolation, readOnly } = statement.modes;
    if (isolation !== null) context.session.settings.set('default_transaction_isolation', isolation, 'session');
    if (readOnly !== null) context.session.settings.set('default_transaction_read_only', readOnly ? 'on' : 'off', 'session');
    return command('SET');
  },
};

export const savepoint: StatementHandler<'savepoint'> = {
  kind: 'savepoint',
  async execute(statement, context) {
    requireBlock(context, 'SAVEPOINT').savepoint(foldIdentifier(statement.name));
    return command('SAVEPOINT');
  },
};

export const releaseSavepoint: StatementHandler<'release-savepoint'> = {
  kind: 'release-savepoint',
  async execute(statement, context) {
    requireBlock(context, 'RELEASE SAVEPOINT').releaseSavepoint(foldIdentifier(statement.name));
    return command('RELEASE');
  },
};

export const rollbackToSavepoint: StatementHandler<'rollback-to-savepoint'> = {
  kind: 'rollback-to-savepoint',
  endsFailedTransaction: true,
  async execute(statement, context) {
    requireBlock(context, 'ROLLBACK TO SAVEPOINT').rollbackToSavepoint(foldIdentifier(statement.name));
    return command('ROLLBACK');
  },
};

function explicitBlock(context: StatementContext): Transaction | null {
  const { transaction } = context.session;
  return transaction?.explicit ? transaction : null;
}

function requireBlock(context: StatementContext, what: string): Transaction {
  const block = explicitBlock(context);
  if (block === null) {
    throw new SqlError({ code: SqlState.noActiveSqlTransaction, message: `${what} can only be used in transaction blocks` });
  }
  return block;
}
