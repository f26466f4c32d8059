import type { SettingDescription } from '../../catalog/index.ts';
import type { SettingValue } from './session-settings.ts';

/** A setting as pg_settings shows it. */
export function settingDescription({ definition, value, system }: SettingValue): SettingDescription {
  const boolean = definition.choices?.length === 2 && definition.choices.includes('on');
  return {
    name: definition.name,
    setting: value,
    unit: definition.unit,
    category: 'fsql',
    description: definition.description,
    context: definition.readOnly ? 'internal' : 'user',
    type: boolean ? 'bool' : definition.choices !== null ? 'enum' : definition.unit !== null ? 'integer' : 'string',
    minimum: null,
    maximum: null,
    choices: boolean ? null : definition.choices,
    defaultValue: definition.default,
    resetValue: system ?? definition.default,
    source: value === system ? 'configuration file' : value === definition.default ? 'default' : 'session',
  };
}
