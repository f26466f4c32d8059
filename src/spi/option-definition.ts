/** One option of a WITH clause: source of validation, hints, completion and documentation. */
export interface OptionDefinition {
  /** Canonical (Flink's) name; a trailing `.*` stands for a family such as `properties.*`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly type: 'text' | 'integer' | 'boolean' | 'duration' | 'size' | 'size, duration' | 'choice' | 'name';
  readonly choices?: readonly string[];
  readonly required?: boolean;
  readonly default?: string;
  readonly secret?: boolean;
  /** ALTER … SET may give it another value, since nothing that has been read, kept or sent depends on it. */
  readonly alterable?: boolean;
  readonly description: string;
}
