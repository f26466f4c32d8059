import { type Random, seededRandom } from '../../base/index.ts';

/** A table of the differential comparison with its columns that compare with each other, and one that is never NULL. */
interface Source {
  readonly table: string;
  readonly columns: readonly string[];
}

const sources: readonly Source[] = [
  { table: 'emp', columns: ['id', 'dept', 'boss'] },
  { table: 'dept', columns: ['id', 'id'] },
  { table: 'dup', columns: ['a', 'b'] },
  { table: 'misc', columns: ['k', 'k'] },
  { table: 'empty', columns: ['x', 'x'] },
];

/** Queries with correlated subqueries of every form, in every clause, up to two deep; the same for the same seed. */
export function subqueryQueries(seed: number, count: number): string[] {
  const generator = new SubqueryGenerator(seededRandom(seed));
  return Array.from({ length: count }, () => generator.query());
}

/** A row in scope: its name and its columns. */
interface Scope {
  readonly alias: string;
  readonly columns: readonly string[];
}

class SubqueryGenerator {
  readonly #random: Random;
  #names = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  query(): string {
    this.#names = 0;
    const { from, scope } = this.#from();
    const list = this.#pick([
      () => `${this.#column(scope)}, ${this.#value([scope], 2)} AS v`,
      () => `${this.#column(scope)}, (${this.#test([scope], 2)}) AS t`,
      () => `count(*), sum(${this.#value([scope], 1)})`,
      () => `${this.#column(scope)}`,
    ]);
    const where = this.#chance(0.7) ? ` WHERE ${this.#test([scope], 2)}` : '';
    return `SELECT ${list} FROM ${from}${where}`;
  }

  #from(): { from: string; scope: Scope } {
    const first = this.#source();
    const roll = this.#random.nextFloat();
    if (roll < 0.6) return { from: first.from, scope: first.scope };
    const second = this.#source();
    const scope = { alias: '', columns: [...first.scope.columns, ...second.scope.columns] };
    if (roll < 0.75) {
      const kind = this.#pick([() => 'JOIN', () => 'LEFT JOIN']);
      return { from: `${first.from} ${kind} ${second.from} ON ${this.#comparison([first.scope], second.scope)}`, scope };
    }
    const kind = this.#pick([() => 'CROSS JOIN LATERAL', () => 'LEFT JOIN LATERAL']);
    const name = this.#name();
    const lateral = { alias: name, columns: [`${name}.c`] };
    const on = kind.startsWith('LEFT') ? ' ON true' : '';
    return {
      from: `${first.from} ${kind} (${this.#rows([first.scope], 1)}) AS ${name} (c)${on}`,
      scope: { alias: '', columns: [...first.scope.columns, ...lateral.columns] },
    };
  }

  #source(): { from: string; scope: Scope } {
    const source = sources[Math.floor(this.#random.nextFloat() * sources.length)]!;
    const alias = this.#name();
    return { from: `${source.table} ${alias}`, scope: { alias, columns: source.columns.map((column) => `${alias}.${column}`) } };
  }

  /** A query of one int column that may read the rows around it. */
  #rows(outer: readonly Scope[], depth: number): string {
    const { from, scope } = this.#source();
    const where = this.#condition(outer, scope, depth);
    return this.#pick([
      () => `SELECT ${this.#column(scope)} FROM ${from}${where}`,
      () => `SELECT ${this.#column(scope)} FROM ${from}${where}`,
      () => `SELECT DISTINCT ${this.#column(scope)} FROM ${from}${where}`,
      () => `SELECT max(${this.#column(scope)}) FROM ${from}${where} GROUP BY ${this.#column(scope)}`,
      () => `SELECT count(*)::int FROM ${from}${where}`,
      () => `SELECT ${this.#column(scope)} FROM ${from}${where} ORDER BY 1 LIMIT 2`,
      () => `SELECT ${this.#column(scope)} FROM ${from}${where} UNION ${this.#pick([() => 'ALL ', () => ''])}SELECT ${this.#outerColumn(outer)}`,
      () => `SELECT ${this.#column(scope)} FROM ${from}${where} EXCEPT SELECT ${this.#outerColumn(outer)}`,
      () => `SELECT coalesce(${this.#column(scope)}, ${this.#outerColumn(outer)}) FROM ${from}${where}`,
      () => this.#joined(outer, depth),
      () => `SELECT g FROM generate_series(1, ${this.#outerColumn(outer)} % 4) AS g`,
    ]);
  }

  #joined(outer: readonly Scope[], depth: number): string {
    const [first, second] = [this.#source(), this.#source()];
    const kind = this.#pick([() => 'JOIN', () => 'LEFT JOIN', () => 'RIGHT JOIN']);
    const on = `${this.#comparison([first.scope], second.scope)}${this.#chance(0.4) ? ` AND ${this.#comparison(outer, second.scope)}` : ''}`;
    const where = this.#condition(outer, first.scope, depth);
    return `SELECT ${this.#column(this.#chance(0.5) ? first.scope : second.scope)} FROM ${first.from} ${kind} ${second.from} ON ${on}${where}`;
  }

  #condition(outer: readonly Scope[], own: Scope, depth: number): string {
    const parts: string[] = [];
    if (this.#chance(0.8)) parts.push(this.#comparison(outer, own));
    if (this.#chance(0.2)) parts.push(this.#comparison(outer, own));
    if (depth > 0 && this.#chance(0.3)) parts.push(this.#test([own, ...outer], depth - 1));
    return parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`;
  }

  /** A value of one row at most. */
  #value(scopes: readonly Scope[], depth: number): string {
    if (depth === 0) return this.#outerColumn(scopes);
    const { from, scope } = this.#source();
    const where = this.#condition(scopes, scope, depth - 1);
    return this.#pick([
      () => `(SELECT count(*) FROM ${from}${where})`,
      () => `(SELECT max(${this.#column(scope)}) FROM ${from}${where})`,
      () => `(SELECT count(${this.#column(scope)}) + 1 FROM ${from}${where})`,
      () => `(SELECT ${this.#column(scope)} FROM ${from}${where} ORDER BY 1 LIMIT 1)`,
      () => `(SELECT min(${this.#column(scope)}) FROM ${from}${where} HAVING count(*) > 1)`,
      () => `(SELECT count(*) FROM (${this.#rows(scopes, depth - 1)}) AS ${this.#name()} (c))`,
      () => `(SELECT sum(c) FROM (${this.#rows(scopes, depth - 1)}) AS ${this.#name()} (c))`,
      () => `CASE WHEN ${this.#comparison(scopes, scopes[0]!)} THEN ${this.#value(scopes, depth - 1)} ELSE -1 END`,
      () => `coalesce(${this.#outerColumn(scopes)}, ${this.#value(scopes, depth - 1)})`,
      () => `(SELECT ${this.#outerColumn(scopes)})`,
    ]);
  }

  #test(scopes: readonly Scope[], depth: number): string {
    if (depth === 0) return this.#comparison(scopes, scopes[0]!);
    const rows = (): string => this.#rows(scopes, depth - 1);
    const column = (): string => this.#outerColumn(scopes);
    return this.#pick([
      () => `EXISTS (${rows()})`,
      () => `NOT EXISTS (${rows()})`,
      () => `${column()} IN (${rows()})`,
      () => `${column()} NOT IN (${rows()})`,
      () => `${column()} ${this.#operator()} ANY (${rows()})`,
      () => `${column()} ${this.#operator()} ALL (${rows()})`,
      () => `(${this.#test(scopes, depth - 1)} OR ${this.#test(scopes, depth)})`,
      () => `(${this.#test(scopes, depth - 1)} AND ${this.#test(scopes, depth)})`,
      () => `NOT (${this.#test(scopes, depth)})`,
      () => `(${this.#test(scopes, depth)}) IS NOT TRUE`,
      () => `${column()} ${this.#operator()} ${this.#value(scopes, depth)}`,
    ]);
  }

  #comparison(outer: readonly Scope[], own: Scope): string {
    const [left, right] = [this.#column(own), this.#outerColumn(outer)];
    return this.#pick([
      () => `${left} = ${right}`,
      () => `${left} = ${right}`,
      () => `${left} ${this.#operator()} ${right}`,
      () => `${left} IS NOT DISTINCT FROM ${right}`,
    ]);
  }

  #operator(): string {
    return this.#pick(['=', '=', '<>', '<', '<=', '>', '>='].map((symbol) => () => symbol));
  }

  #outerColumn(scopes: readonly Scope[]): string {
    return this.#column(scopes[Math.floor(this.#random.nextFloat() * scopes.length)]!);
  }

  #column(scope: Scope): string {
    return scope.columns[Math.floor(this.#random.nextFloat() * scope.columns.length)]!;
  }

  #pick(choices: readonly (() => string)[]): string {
    return choices[Math.floor(this.#random.nextFloat() * choices.length)]!();
  }

  #chance(probability: number): boolean {
    return this.#random.nextFloat() < probability;
  }

  #name(): string {
    return `x${++this.#names}`;
  }
}
