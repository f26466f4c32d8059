import { SqlError } from '../../base/index.ts';
import type { CatalogEntry } from '../../catalog/index.ts';
import type { AlterSystem } from '../../sql/index.ts';
import { attachmentKey, NAMED_VALUES_OID, namedValues } from '../named-values.ts';
import { systemSetting } from '../settings/index.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { refuseInBlock } from './refuse-in-block.ts';

/**
 * ALTER SYSTEM SET name = value, RESET name, RESET ALL: what sessions begin with that are opened from now on, kept in the catalog. The running ones stay
 * as they are, this one too.
 */
export const alterSystem: StatementHandler<'alter-system'> = {
  kind: 'alter-system',
  async execute(statement, context) {
    refuseInBlock(context, 'ALTER SYSTEM');
    await context.definer.commitEntries(changes(statement, context), context.signal);
    return { kind: 'command', tag: 'ALTER SYSTEM' };
  },
};

function changes({ name, nameSpan, values }: AlterSystem, { definer }: StatementContext): CatalogEntry[] {
  if (name === null) return namedValues('setting', definer.snapshot).map(([known]) => attached(known, null));
  try {
    const setting = systemSetting(name, values === null ? null : values.map((value) => value.text).join(', '));
    return [attached(setting.name, setting.value)];
  } catch (error) {
    throw error instanceof SqlError ? error.with({ position: nameSpan.start }) : error;
  }
}

function attached(name: string, value: string | null): CatalogEntry {
  return { kind: 'attach', oid: NAMED_VALUES_OID, key: attachmentKey('setting', name), value };
}
