import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import { type FromItem, foldIdentifier, type Hint, type HintArgument } from '../../sql/index.ts';

/** All that hints of this name say, in lower case. */
export function hintArguments(hints: readonly Hint[], name: string): readonly HintArgument[] {
  return hints.flatMap((hint) => (hint.name.text.toLowerCase() === name ? hint.arguments : []));
}

/** Arguments of a hint that say something of items of FROM: 'item' = 'value'. */
export class ItemArguments {
  readonly #hint: string;
  readonly #arguments: readonly HintArgument[];
  readonly #used = new Set<HintArgument>();
  readonly #names: string[] = [];

  /** Arguments without a key are left out: they are of the hint as a whole. */
  constructor(hint: string, all: readonly HintArgument[]) {
    this.#hint = hint;
    this.#arguments = all.filter(({ key }) => key !== null);
  }

  /** What is said of the item; null: nothing. */
  of(item: FromItem): HintArgument | null {
    const name = nameOfItem(item);
    if (name === null || this.#arguments.length === 0) return null;
    this.#names.push(name);
    const found = this.#arguments.find(({ key }) => key!.toLowerCase() === name.toLowerCase());
    if (found !== undefined) this.#used.add(found);
    return found ?? null;
  }

  /** After all of FROM. Errors: 42P01 for a name nothing there has. */
  finish(): void {
    const unknown = this.#arguments.find((one) => !this.#used.has(one));
    if (unknown === undefined) return;
    const nearest = nearestNames(unknown.key!, this.#names, 1)[0];
    throw new SqlError({
      code: SqlState.undefinedTable,
      message: `${this.#hint.toUpperCase()} names "${unknown.key}", which is not in FROM`,
      hint: nearest === undefined ? `It takes names as FROM has them: ${this.#names.join(', ')}.` : `Perhaps you meant "${nearest}".`,
      position: unknown.span.start,
    });
  }
}

/** What the item is called in the SELECT, null for a join without a name of its own. */
export function nameOfItem(item: FromItem): string | null {
  if (item.alias !== null) return foldIdentifier(item.alias.name);
  if (item.kind === 'table-reference') return item.name.parts.at(-1)!.text;
  return null;
}

/** 22023 for what a hint cannot be told. */
export function invalidHint(message: string, { span }: Hint | HintArgument, hint?: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message, hint, position: span.start });
}
