import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { Identifier, ParsedStatement } from '../../sql/index.ts';
import { knownNames } from './known-names.ts';
import { mapIdentifiers } from './map-identifiers.ts';

/** How a dialect of fsql's grammar spells a name that is not quoted, before it is compared with the names there are; others fold it as we do. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  flink: (text) => text,
  ksqldb: (text) => text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase()),
};

/**
 * The statement with its unquoted names settled: flink keeps them as they are written, ksqldb in capitals; where there is no such name, the one
 * that differs in case alone. Errors: 42702 where several do.
 */
export function inDialect(parsed: ParsedStatement, dialect: string, relations: () => readonly Relation[]): ParsedStatement {
  const spell = Object.hasOwn(spellings, dialect) ? spellings[dialect] : undefined;
  if (spell === undefined) return parsed;
  const known = knownNames(parsed.statement, relations(), ({ text }) => spell(text));
  const byLowerCase = new Map<string, string[]>();
  for (const name of known) byLowerCase.set(name.toLowerCase(), [...(byLowerCase.get(name.toLowerCase()) ?? []), name]);
  const statement = mapIdentifiers(parsed.statement, (identifier) => {
    if (identifier.quoted) return identifier;
    const meaning = spell(identifier.text);
    if (known.has(meaning)) return { ...identifier, meaning };
    const alike = byLowerCase.get(identifier.text.toLowerCase()) ?? [];
    if (alike.length > 1) throw ambiguous(identifier, alike);
    return { ...identifier, meaning: alike[0] ?? meaning };
  });
  return statement === parsed.statement ? parsed : { ...parsed, statement };
}

function ambiguous(identifier: Identifier, alike: readonly string[]): SqlError {
  return new SqlError({
    code: SqlState.ambiguousColumn,
    message: `"${identifier.text}" is ambiguous: there are ${alike.map((name) => `"${name}"`).join(' and ')}`,
    hint: 'Write the name exactly, or quote it.',
    position: identifier.span.start,
  });
}
