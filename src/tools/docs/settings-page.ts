import { settingList } from '../../session/index.ts';
import { code, page, sentence, table } from './markdown.ts';

/** Every session setting. */
export function settingsPage(): string {
  const rows = settingList.map((setting) => [
    code(setting.name),
    setting.default === '' ? '(empty)' : code(setting.default),
    setting.readOnly ? 'read only' : (setting.choices?.map(code).join(', ') ?? (setting.unit === 'ms' ? 'a time: `500ms`, `10s`, `2min`' : '')),
    sentence(setting.description),
  ]);
  return page(
    'Settings',
    '`SET name = value` for the session, `SET LOCAL` for the transaction, `RESET name`, `SHOW name`, `SHOW ALL`; `pg_settings` and `fsql_catalog.settings` list them, too. A bare number of a time is milliseconds.',
    [table(['Setting', 'Default', 'Values', 'Description'], rows)],
  );
}
