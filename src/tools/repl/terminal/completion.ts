import { keywords, quoteIdentifier } from '../../../sql/index.ts';
import { metaCommands } from '../meta/index.ts';
import type { TextRow } from '../render/index.ts';
import type { Completer } from './interactive-source.ts';

/** What completion asks of the terminal. */
export interface NameSource {
  /** Runs a query; rejects when it cannot. */
  ask(sql: string): Promise<readonly TextRow[]>;
  /** False while a statement runs or in a transaction: looking names up must not change what it reads. */
  readonly canAsk: boolean;
  /** Changes when names may have changed. */
  readonly lastStatement: string;
}

interface Names {
  readonly relations: readonly string[];
  readonly columns: readonly string[];
  readonly functions: readonly string[];
}

const noNames: Names = { relations: [], columns: [], functions: [] };

/** Behind these words stands the name of a relation. */
const relationWords =
  /(?:^|[\s,(])(?:from|join|into|update|table|view|stream|sink|describe|desc|subscribe|only|copy|truncate|on)\s+(?:if\s+exists\s+)?[^\s()]*$/i;
const wordAtEnd = /[\w\u0080-\uffff$."]*$/;

/** Completes keywords in the case they are begun in, names as the catalog has them, and backslash commands. */
export function createCompleter(source: NameSource): Completer {
  let names = noNames;
  let namesOf: string | null = null;
  const refresh = async (): Promise<void> => {
    if (!source.canAsk || namesOf === source.lastStatement) return;
    namesOf = source.lastStatement;
    names = await readNames(source);
  };
  return async (line) => {
    const command = /^\s*(\\\S*)$/.exec(line)?.[1];
    if (command !== undefined) return [commandNames().filter((name) => name.startsWith(command)), command];
    await refresh();
    const word = wordAtEnd.exec(line)![0];
    const relationsOnly = relationWords.test(line) || /^\s*\\d\S*\s/.test(line);
    const candidates = relationsOnly ? matching(names.relations, word) : everything(names, word);
    return [candidates, word];
  };
}

function commandNames(): string[] {
  return metaCommands.flatMap((command) => command.names.filter((name) => !/[+S]/.test(name)).map((name) => `\\${name}`));
}

function everything(names: Names, word: string): string[] {
  if (word === '') return [];
  const all = new Set([...matching(names.relations, word), ...matching(names.columns, word), ...matching(names.functions, word)]);
  for (const keyword of keywords.keys())
    if (keyword.startsWith(word.toLowerCase())) all.add(word === word.toLowerCase() ? keyword : keyword.toUpperCase());
  return [...all].sort();
}

function matching(names: readonly string[], word: string): string[] {
  return names.filter((name) => name.startsWith(word));
}

async function readNames(source: NameSource): Promise<Names> {
  const relations = await source.ask(`SELECT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind <> 'i' ORDER BY 1, 2`);
  const columns = await source.ask(`SELECT DISTINCT a.attname FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
WHERE a.attnum > 0 AND c.relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))`);
  const functions = await source.ask('SELECT DISTINCT proname FROM pg_catalog.pg_proc');
  return {
    relations: [
      ...relations.filter(([schema, , visible]) => visible === 't' && schema !== 'pg_catalog').map(([, name]) => shown(name!)),
      ...relations.map(([schema, name]) => `${shown(schema!)}.${shown(name!)}`),
    ],
    columns: columns.map(([name]) => shown(name!)),
    functions: functions.map(([name]) => `${shown(name!)}(`),
  };
}

/** A name as it has to be typed. */
function shown(name: string): string {
  return /^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*$/.test(name) ? name : quoteIdentifier(name);
}
