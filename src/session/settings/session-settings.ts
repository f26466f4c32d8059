import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import type { SettingDefinition } from './setting-definition.ts';
import { settingList } from './setting-list.ts';

const byName = new Map(settingList.map((definition) => [definition.name, definition]));
const aliases = new Map(settingList.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [alias, name])));

/** The name a setting is kept under. */
function keyOf(name: string): string {
  const folded = name.toLowerCase();
  return aliases.get(folded) ?? folded;
}

/** What new sessions begin with when `value` is that of a setting for the whole system; null: its default. Errors: 42704, 22023, 55P02. */
export function systemSetting(name: string, value: string | null): { readonly name: string; readonly value: string | null } {
  const key = keyOf(name);
  const definition = byName.get(key);
  if (definition === undefined && !key.includes('.')) throw unknownSetting(name);
  if (definition?.readOnly === true || OF_ONE_TRANSACTION.has(key)) throw unchangeable(key);
  return { name: key, value: value === null || definition === undefined ? value : definition.normalise(value) };
}

/** Of the transaction that runs: SET changes it for that one, and RESET has nothing to go back to, as in PostgreSQL. */
const TRANSACTION_READ_ONLY = 'transaction_read_only';

const OF_ONE_TRANSACTION: ReadonlySet<string> = new Set(['transaction_isolation', TRANSACTION_READ_ONLY, 'session_authorization']);

/** A setting as a session has it. */
export interface SettingValue {
  readonly definition: SettingDefinition;
  readonly value: string;
  /** What ALTER SYSTEM had given it when the session began; null: nothing. */
  readonly system: string | null;
}

interface Frame {
  readonly values: Map<string, string>;
  /** Names set with SET LOCAL: they end with the transaction whatever its outcome. */
  readonly local: Set<string>;
}

/**
 * One session's settings. A transaction opens a frame: ROLLBACK forgets it, COMMIT keeps what was not LOCAL, as PostgreSQL does. Names with a
 * dot that nobody has defined are free-form, as PostgreSQL's custom settings.
 */
export class SessionSettings {
  readonly #committed = new Map<string, string>();
  readonly #startup = new Map<string, string>();
  /** Of the system, where they are not the built-in defaults. */
  readonly #system: ReadonlyMap<string, string>;
  readonly #changed: (name: string, value: string) => void;
  #frame: Frame | null = null;

  /** `changed` is told of settings PostgreSQL reports to clients, in the spelling it reports. `system`: values of `systemSetting`. */
  constructor(changed: (name: string, value: string) => void, system: ReadonlyMap<string, string>) {
    this.#changed = changed;
    this.#system = system;
  }

  get(name: string): string {
    const value = this.find(name);
    if (value === null) throw unknownSetting(name);
    return value;
  }

  /** The value, or null for a name nobody knows. */
  find(name: string): string | null {
    const key = keyOf(name);
    return (
      this.#frame?.values.get(key) ?? this.#committed.get(key) ?? this.#startup.get(key) ?? this.#system.get(key) ?? byName.get(key)?.default ?? null
    );
  }

  set(name: string, value: string, scope: 'session' | 'local' | 'startup'): void {
    const definition = this.definition(name);
    const key = keyOf(name);
    if (definition?.readOnly) throw unchangeable(key);
    const normalised = definition === null ? value : definition.normalise(value);
    const before = definition === null ? null : this.get(key);
    if (scope === 'startup') {
      // The client learns these with the first values of all reported settings.
      this.#startup.set(key, normalised);
      return;
    }
    const local = scope === 'local' || key === TRANSACTION_READ_ONLY;
    if (this.#frame === null) {
      if (!local) this.#committed.set(key, normalised);
    } else {
      this.#frame.values.set(key, normalised);
      if (local) this.#frame.local.add(key);
      else this.#frame.local.delete(key);
    }
    this.#report(definition, before);
  }

  reset(name: string): void {
    const definition = this.definition(name);
    const key = keyOf(name);
    if (definition?.readOnly || key === TRANSACTION_READ_ONLY) throw unchangeable(key);
    const before = definition === null ? null : this.get(key);
    this.#frame?.values.delete(key);
    this.#committed.delete(key);
    this.#report(definition, before);
  }

  resetAll(): void {
    const keys = [...this.#committed.keys(), ...(this.#frame?.values.keys() ?? [])];
    for (const key of keys) if (key !== TRANSACTION_READ_ONLY) this.reset(key);
  }

  begin(): void {
    this.#frame = { values: new Map(), local: new Set() };
  }

  end(outcome: 'commit' | 'rollback'): void {
    const frame = this.#frame;
    if (frame === null) return;
    const before = new Map([...frame.values.keys()].map((key) => [key, this.get(key)]));
    this.#frame = null;
    if (outcome === 'commit') for (const [key, value] of frame.values) if (!frame.local.has(key)) this.#committed.set(key, value);
    for (const [key, value] of before) this.#report(byName.get(key) ?? null, value);
  }

  /** All settings with their values, by name. */
  all(): readonly SettingValue[] {
    return settingList.map((definition) => ({
      definition,
      value: this.get(definition.name),
      system: this.#system.get(definition.name) ?? null,
    }));
  }

  /** Values a client is told at connection start, in PostgreSQL's spelling. */
  reported(): ReadonlyMap<string, string> {
    return new Map(settingList.filter((one) => one.reportedAs !== null).map((one) => [one.reportedAs!, this.get(one.name)]));
  }

  /** Null for a custom setting (a name with a dot). Errors: 42704. */
  definition(name: string): SettingDefinition | null {
    const known = byName.get(keyOf(name));
    if (known !== undefined) return known;
    if (name.includes('.')) return null;
    throw unknownSetting(name);
  }

  #report(definition: SettingDefinition | null, before: string | null): void {
    if (definition === null || definition.reportedAs === null) return;
    const value = this.get(definition.name);
    if (value !== before) this.#changed(definition.reportedAs, value);
  }
}

function unchangeable(key: string): SqlError {
  return new SqlError({ code: SqlState.cannotChangeRuntimeParameter, message: `parameter "${key}" cannot be changed` });
}

function unknownSetting(name: string): SqlError {
  const nearest = nearestNames(name, byName.keys(), 1)[0];
  return new SqlError({
    code: SqlState.undefinedObject,
    message: `unrecognized configuration parameter "${name}"`,
    hint: nearest === undefined ? undefined : `Perhaps you meant "${nearest}".`,
  });
}
