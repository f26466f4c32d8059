import { isSystemRelation, type Relation, shownStatement } from '../../catalog/index.ts';
import { foldIdentifier, parseStatement, printStatement, type QualifiedName, type Query, type Statement } from '../../sql/index.ts';
import { existingSchemas, StatementBinder } from '../engine/index.ts';
import { searchPath } from '../search-path.ts';
import type { StatementContext } from '../statement-context.ts';
import { replaced, withSchema } from './stored-query.ts';

/**
 * The statement that makes the relation, secrets left out. Names in it that have no schema and would mean something else to this session, by its search path, get theirs, so
 * that the statement means the same here.
 */
export function shownDefinition(relation: Relation, context: StatementContext): string {
  if (isSystemRelation(relation)) return shownStatement(relation);
  const statement = unambiguous(parseStatement(relation.statement), relation, context);
  const path = searchPath(context.session);
  const here = context.definer.snapshot.reader(path);
  const made = existingSchemas(context.definer.snapshot, path)[0];
  const whole = new Map<unknown, QualifiedName>();
  for (const { name, meant } of namesOf(statement, relation, context)) {
    if (name.parts.length > 1) continue;
    const same = meant === relation ? made === relation.schema : here.relation(null, meant.name)?.oid === meant.oid;
    if (!same) whole.set(name, withSchema(name, meant.schema));
  }
  return shownStatement({ ...relation, statement: printStatement(replaced(statement, whole)) });
}

/** A sink that reads several relations of one name: its query is kept with their schemas (storedQuery), its statement as it was written. */
function unambiguous(statement: Statement, { dependsOn, query }: Relation, { definer }: StatementContext): Statement {
  if (statement.kind !== 'create-sink' || statement.source.kind !== 'query' || query === null) return statement;
  const names = dependsOn.map((oid) => definer.snapshot.relationByOid(oid)?.name);
  return new Set(names).size === names.length ? statement : { ...statement, source: parseStatement(query) as Query };
}

interface MeantName {
  readonly name: QualifiedName;
  readonly meant: Relation;
}

/** Names of relations in a definition, its own first, and what they mean as the catalog keeps it. */
function namesOf(statement: Statement, relation: Relation, { engine, definer }: StatementContext): readonly MeantName[] {
  const stored = definer.snapshot.storedReader(relation);
  const found: MeantName[] = [];
  const named = (name: QualifiedName | null): void => {
    const meant = name === null ? null : stored.relation(null, foldIdentifier(name.parts.at(-1)!));
    if (name !== null && meant !== null) found.push({ name, meant });
  };
  const read = (query: Query): void => {
    const binder = StatementBinder.forCatalog(engine, stored, {
      dependsOn: relation.dependsOn,
      named: (use) => found.push({ name: use.name, meant: use.relation }),
    });
    binder.query(query);
  };
  if ('name' in statement && statement.kind.startsWith('create-')) found.push({ name: statement.name as QualifiedName, meant: relation });
  if (statement.kind === 'create-view' || statement.kind === 'create-materialized-view') read(statement.query);
  if (statement.kind === 'create-sink') {
    named(statement.into);
    if (statement.source.kind === 'query') read(statement.source);
    else named(statement.source);
  }
  if (statement.kind === 'insert') {
    named(statement.table);
    if (statement.query !== null) read(statement.query);
  }
  return found;
}
