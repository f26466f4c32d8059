/**
 * Session settings: their definitions and one session's values with SET, SET LOCAL, RESET and transaction scope.
 *
 * Start reading at setting-definition.ts.
 */
export { SessionSettings, systemSetting } from './session-settings.ts';
export { durationMs, type SettingDefinition } from './setting-definition.ts';
export { settingDescription } from './setting-description.ts';
export { SERVER_VERSION, settingList } from './setting-list.ts';
