import { SqlError, SqlState } from '../../base/index.ts';

/** A session setting: the one source of SET's checks, SHOW's words and pg_settings. */
export interface SettingDefinition {
  readonly name: string;
  /** What other systems call it; SET and SHOW take these too. */
  readonly aliases?: readonly string[];
  readonly unit: 'ms' | 'B' | null;
  readonly default: string;
  readonly description: string;
  /** PostgreSQL sends it in ParameterStatus (GUC_REPORT); spelling on the wire. */
  readonly reportedAs: string | null;
  /** Fixed at server start or by the version. */
  readonly readOnly: boolean;
  /** Accepted values for completion and hints, or null. */
  readonly choices: readonly string[] | null;
  /** Checks a value as written and gives the form SHOW prints. Errors: 22023. */
  normalise(value: string): string;
}

type Facts = Pick<SettingDefinition, 'name' | 'default' | 'description'> & {
  readonly reportedAs?: string;
  readonly readOnly?: boolean;
};

/** Any text. */
export function textSetting(facts: Facts & { readonly normalise?: (value: string) => string }): SettingDefinition {
  return { unit: null, choices: null, reportedAs: null, readOnly: false, normalise: (value) => value, ...facts };
}

/** One of a list, case ignored. */
export function choiceSetting(
  facts: Facts & {
    readonly choices: readonly string[];
    readonly aliases?: readonly string[];
    /** Other spellings of the choices, in lower case. */
    readonly spellings?: Readonly<Record<string, string>>;
  },
): SettingDefinition {
  const { spellings = {}, ...own } = facts;
  return {
    unit: null,
    reportedAs: null,
    readOnly: false,
    normalise: (value) => {
      const written = spellings[value.toLowerCase()] ?? value;
      const found = facts.choices.find((choice) => choice.toLowerCase() === written.toLowerCase());
      if (found === undefined) throw invalidValue(facts.name, value, `Available values: ${facts.choices.join(', ')}.`);
      return found;
    },
    ...own,
  };
}

/** on/off in all of PostgreSQL's spellings. */
export function booleanSetting(facts: Facts): SettingDefinition {
  return {
    unit: null,
    choices: ['on', 'off'],
    reportedAs: null,
    readOnly: false,
    normalise: (value) => {
      const word = value.toLowerCase();
      if (['on', 'true', 'yes', '1', 't', 'y'].includes(word)) return 'on';
      if (['off', 'false', 'no', '0', 'f', 'n'].includes(word)) return 'off';
      throw new SqlError({ code: SqlState.invalidParameterValue, message: `parameter "${facts.name}" requires a Boolean value` });
    },
    ...facts,
  };
}

/** A whole number within bounds. */
export function integerSetting(facts: Facts & { readonly min: number; readonly max: number }): SettingDefinition {
  return {
    unit: null,
    choices: null,
    reportedAs: null,
    readOnly: false,
    normalise: (value) => {
      const number = Number(value);
      if (!Number.isInteger(number)) throw invalidValue(facts.name, value);
      checkRange(facts, number, '');
      return String(number);
    },
    ...facts,
  };
}

const unitsMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

const LONG_UNITS = /(days?|hours?|minutes?|m|seconds?|sec|milliseconds?|millis?)\s*$/;

function shortUnit(unit: string): string {
  if (!unit.startsWith('m')) return unit[0]!;
  return unit.startsWith('mil') ? 'ms' : 'min';
}

/** A time, stored in milliseconds; a bare number is milliseconds, as in PostgreSQL. SHOW prints the largest unit that divides. */
export function durationSetting(
  facts: Facts & {
    readonly min?: number;
    readonly max?: number;
    readonly aliases?: readonly string[];
    /** Takes `1 day` and `2 hours`, too, as Flink does. */
    readonly longUnits?: boolean;
  },
): SettingDefinition {
  return {
    unit: 'ms',
    choices: null,
    reportedAs: null,
    readOnly: false,
    normalise: (value) => {
      const text = facts.longUnits === true ? value.toLowerCase().replace(LONG_UNITS, (unit) => shortUnit(unit)) : value;
      const parts = /^\s*(-?\d+(?:\.\d+)?)\s*([a-z]*)\s*$/.exec(text);
      const scale = parts === null ? undefined : unitsMs[parts[2] === '' ? 'ms' : parts[2]!];
      if (parts === null || scale === undefined) {
        throw invalidValue(facts.name, value, 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".');
      }
      const number = Math.round(Number(parts[1]) * scale);
      checkRange({ name: facts.name, min: facts.min ?? 0, max: facts.max ?? 2_147_483_647 }, number, ' ms');
      return formatDuration(number);
    },
    ...facts,
  };
}

/** Milliseconds of a normalised duration setting. */
export function durationMs(normalised: string): number {
  const parts = /^(-?\d+)([a-z]*)$/.exec(normalised);
  return parts === null ? 0 : Number(parts[1]) * (unitsMs[parts[2] === '' ? 'ms' : parts[2]!] ?? 1);
}

function formatDuration(ms: number): string {
  if (ms === 0) return '0';
  for (const unit of ['d', 'h', 'min', 's'] as const) if (ms % unitsMs[unit]! === 0) return `${ms / unitsMs[unit]!}${unit}`;
  return `${ms}ms`;
}

function checkRange(facts: { readonly name: string; readonly min: number; readonly max: number }, value: number, unit: string): void {
  if (value >= facts.min && value <= facts.max) return;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `${value}${unit} is outside the valid range for parameter "${facts.name}" (${facts.min}${unit} .. ${facts.max}${unit})`,
  });
}

function invalidValue(name: string, value: string, hint?: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message: `invalid value for parameter "${name}": "${value}"`, hint });
}
