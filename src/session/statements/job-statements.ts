import type { StatementHandler } from '../statement-context.ts';
import { cancellable } from '../statement-context.ts';

/** FLUSH: everything written before is visible when it returns; in a `durable` session it is durable, too. */
export const flush: StatementHandler<'flush'> = {
  kind: 'flush',
  async execute(_statement, context) {
    const durable = context.session.settings.get('read_level') === 'durable';
    const { cluster, tableSinks } = context.engine;
    const flushed = tableSinks.flush();
    context.session.lastWriteEpoch = await cancellable(durable ? flushed.then(() => cluster.checkpoint()) : flushed, context.signal);
    return { kind: 'command', tag: 'FLUSH' };
  },
};

export const checkpoint: StatementHandler<'checkpoint'> = {
  kind: 'checkpoint',
  async execute(_statement, context) {
    await cancellable(context.engine.cluster.checkpoint(), context.signal);
    return { kind: 'command', tag: 'CHECKPOINT' };
  },
};

/** DDL is synchronous unless background_ddl is on; WAIT returns when such DDL is done. */
export const wait: StatementHandler<'wait'> = {
  kind: 'wait',
  async execute(_statement, context) {
    await cancellable(context.engine.backgroundWork(), context.signal);
    return { kind: 'command', tag: 'WAIT' };
  },
};
