import type { SettingDescription } from '../../catalog/index.ts';
import type { SettingDefinition } from './setting-definition.ts';

/** A setting as pg_settings shows it. */
export function settingDescription(definition: SettingDefinition, value: string): SettingDescription {
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
    source: value === definition.default ? 'default' : 'session',
  };
}
