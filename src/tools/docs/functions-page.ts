import { aggregateFunctions, casts, scalarFunctions, tableFunctions } from '../../functions/index.ts';
import { code, page, sentence, table } from './markdown.ts';

interface Documented {
  readonly name: string;
  readonly signature: string;
  readonly description: string;
  readonly examples: readonly { readonly sql: string; readonly result: string | null }[];
}

const families: readonly (readonly [family: string, title: string])[] = [
  ['operator', 'Operators'],
  ['string', 'Text'],
  ['math', 'Numbers'],
  ['time', 'Dates and times'],
  ['json', 'JSON'],
  ['array', 'Arrays'],
  ['map', 'Maps'],
  ['conditional', 'Conditions'],
  ['binary', 'Bytes'],
  ['conversion', 'Conversion'],
  ['system', 'Session and server'],
  ['catalog', 'Catalog'],
];

/** Every function, operator, aggregate, table function and cast. Examples are run by the tests of src/functions. */
export function functionsPage(): string {
  const missing = new Set(scalarFunctions.map((one) => one.family).filter((family) => families.every(([known]) => known !== family)));
  if (missing.size > 0) throw new Error(`families without a title: ${[...missing].join(', ')}`);
  const sections = families.map(([family, title]) =>
    section(
      title,
      scalarFunctions.filter((one) => one.family === family),
    ),
  );
  return page(
    'Functions and operators',
    'Names, types and meanings follow PostgreSQL. `any…` types are polymorphic; a `variadic` last argument repeats; a `lambda` is written `x => x + 1`, `(k, v) => v` or `|x| x + 1`. Every example is executed by the tests. ' +
      '`SHOW FUNCTIONS` lists the same from SQL.',
    [
      ...sections,
      section('Aggregates', aggregateFunctions),
      aggregateNotes,
      section('Functions in FROM', tableFunctions),
      streamFunctions,
      castSection(),
    ],
  );
}

const aggregateNotes =
  'Every aggregate takes `FILTER (WHERE …)` and `DISTINCT`; results are functions of the multiset of values, so retracted rows leave no trace, in sums of floats either.';

const streamFunctions = [
  '## Windows and row stores in FROM',
  '',
  table(
    ['Call', 'Result'],
    [
      [
        code("TUMBLE(s, ts, INTERVAL '10 s' [, offset])"),
        'Rows of `s` with `window_start`, `window_end`, `window_time`: windows that do not overlap.',
      ],
      [code("HOP(s, ts, INTERVAL '5 s', INTERVAL '10 s')"), 'A row is in every window of the size (last) that starts each slide (first).'],
      [code("CUMULATE(s, ts, INTERVAL '1 min', INTERVAL '1 h')"), 'Windows of one start that grow by the step up to the size.'],
      [code("late_rows('s')"), 'Rows that came behind the watermark, with partition, offset and the watermark they met.'],
      [
        code("bad_rows('s')"),
        'Messages that could not be read, with partition, offset, bytes and reason; of a view, rows that could not be computed.',
      ],
    ],
  ),
].join('\n');

/** One row for each name and meaning; overloads share it. */
function section(title: string, definitions: readonly Documented[]): string {
  const groups = new Map<string, Documented[]>();
  for (const definition of definitions) {
    const key = `${definition.name} ${definition.description}`;
    groups.set(key, [...(groups.get(key) ?? []), definition]);
  }
  const rows = [...groups.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, group]) => row(group));
  return `## ${title}\n\n${table(['Name', 'Signatures', 'Description', 'Example'], rows)}`;
}

function row(group: readonly Documented[]): string[] {
  const { name, description, examples } = group[0]!;
  const shown = examples
    .slice(0, 2)
    .map(({ sql, result }) => `${code(sql)} → ${result === null ? 'NULL' : result === '' ? '(empty)' : code(result)}`);
  return [code(name), group.map((one) => code(one.signature)).join('<br>'), sentence(description), shown.join('<br>')];
}

const letters = { implicit: 'i', assignment: 'a', explicit: 'e' } as const;

function castSection(): string {
  const kinds = [...new Set(casts.flatMap((cast) => [cast.from, cast.to]))].sort();
  const letterOf = new Map(casts.map((cast) => [`${cast.from} ${cast.to}`, letters[cast.context]]));
  const targets = kinds.filter((kind) => casts.some((cast) => cast.to === kind));
  const sources = kinds.filter((kind) => casts.some((cast) => cast.from === kind));
  const rows = sources.map((from) => [code(from), ...targets.map((to) => (from === to ? '·' : (letterOf.get(`${from} ${to}`) ?? '')))]);
  return [
    '## Casts',
    '',
    'Rows are the types converted from, columns those converted to. `i`: applied by itself; `a`: in INSERT, UPDATE and by an explicit cast; `e`: only by `CAST(x AS t)` or `x::t`; `·`: the same type (length and precision apply).',
    'Arrays, rows and maps convert member by member.',
    '',
    table(['', ...targets.map(code)], rows),
  ].join('\n');
}
