import { type Random, seededRandom } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { quoteIdentifier, quoteRelation } from '../../sql/index.ts';
import { lawDifference } from './law-difference.ts';
import { errorText } from './mismatch.ts';
import { runSql, textRows } from './run-sql.ts';
import { topicName } from './test-connector.ts';
import type { TestDatabase } from './test-database.ts';
import type { InputStep, RecordStep } from './test-inputs.ts';

/** How a replay differs from what the test did. In all of them epochs are cut elsewhere and partitions are interleaved otherwise. */
export interface ReplayOptions {
  /** Rows change places within their partition, as far as no other row becomes late by it. Null: they do not. */
  readonly shuffleSeed: number | null;
  /** Some messages come twice. */
  readonly duplicate: boolean;
  /** Rows change places over any distance: some become late. */
  readonly late: boolean;
}

export interface Replayed {
  readonly database: TestDatabase;
  readonly inputs: readonly InputStep[];
  /** The statement as it is to be run. */
  readonly text: (sql: string) => string;
}

const RUNS = 3;

/** A statement that does nothing but define a view with a plain name. */
const ONE_VIEW = /^\s*create\s+materialized\s+view\s+(\w+)\s+as\b[^;]*;?\s*$/i;

/** Replays the inputs a few times; how the view then differs from its query over what was read, or null. The seeds are fixed, so it happens again. */
export async function replayDifference(view: Relation, original: Replayed, options: ReplayOptions): Promise<string | null> {
  const topics = readTopics(original.database);
  const inputs = inputsOf(view, original.inputs);
  // Where the rows of one replay may move no further, those of the next hardly can.
  let distanceMax = original.inputs.length;
  for (let run = 0; run < RUNS; run++) {
    const seed = (options.shuffleSeed ?? 1) * RUNS + run;
    const outcome =
      options.shuffleSeed !== null && !options.late ? await shuffledWithinLateness() : await replay(plan(seed, options.late ? 'any' : 0));
    if (outcome !== null) return `replay ${run + 1} of ${RUNS}: the view differs from its query\n${outcome}`;

    async function shuffledWithinLateness(): Promise<string | null> {
      const wanted = await lateRows(original.database, view, original.text);
      // Half the distance each time; at none at all the rows are in their old places.
      for (let distance = distanceMax; ; distance = Math.floor(distance / 2)) {
        let late = '';
        const difference = await replay(plan(seed, distance), async (database) => {
          late = await lateRows(database, view, original.text);
        });
        if (!options.duplicate && late !== wanted && distance > 0) continue;
        distanceMax = Math.min(distanceMax, Math.max(1, 2 * distance));
        return difference;
      }
    }
  }
  return null;

  function plan(seed: number, distance: number | 'any'): ReplayPlan {
    return { view, original, inputs, topics, random: seededRandom(seed), distance, duplicate: options.duplicate };
  }
}

interface ReplayPlan {
  readonly view: Relation;
  readonly original: Replayed;
  readonly inputs: readonly InputStep[];
  readonly topics: ReadonlyMap<string, TopicUse>;
  readonly random: Random;
  /** How far a message may move, in messages of all topics. */
  readonly distance: number | 'any';
  readonly duplicate: boolean;
}

async function replay(plan: ReplayPlan, look: (database: TestDatabase) => Promise<void> = async () => undefined): Promise<string | null> {
  const { original, inputs, view } = plan;
  const database = original.database.emptyCopy();
  try {
    await database.open();
    let records: RecordStep[] = [];
    for (const step of inputs) {
      if (step.kind === 'record') {
        records.push(step);
        continue;
      }
      await feed(database, rearranged(records, plan), plan.random);
      records = [];
      await apply(database, step, original.text);
    }
    await feed(database, rearranged(records, plan), plan.random);
    await look(database);
    const replayedView = database.engine.snapshot.reader(['public']).relation(view.schema, view.name);
    return replayedView === null ? 'the view is not there' : await lawDifference(replayedView, (sql) => textRows(database, original.text(sql)));
  } catch (error) {
    return errorText(error);
  } finally {
    await database.close();
  }
}

/** Without definitions of other views that no step and no view needs: most of a replay would be theirs. */
function inputsOf(view: Relation, inputs: readonly InputStep[]): InputStep[] {
  const texts = inputs.flatMap((step) => (step.kind === 'statement' ? [step.sql.toLowerCase()] : []));
  return inputs.filter((step) => {
    const name = step.kind === 'statement' ? ONE_VIEW.exec(step.sql)?.[1]?.toLowerCase() : undefined;
    return name === undefined || name === view.name || texts.filter((text) => text.includes(name)).length > 1;
  });
}

async function apply(database: TestDatabase, step: Exclude<InputStep, RecordStep>, text: (sql: string) => string): Promise<void> {
  switch (step.kind) {
    case 'topic':
      database.topics.create(step.name, step.partitions);
      return;
    case 'statement':
      await runSql(database, text(step.sql));
      break;
    case 'watermark':
      await database.advanceWatermark(database.engine.snapshot.reader(['public']).relation(step.schema, step.relation)!, step.micros);
      break;
    case 'clock':
      database.clock.advanceTo(step.micros);
  }
  await database.settle();
}

/** Messages in an order of the replay's own, with epochs ended between some of them. */
async function feed(database: TestDatabase, records: readonly RecordStep[], random: Random): Promise<void> {
  for (const { topic, partition, record } of records) {
    database.topics.append(topic, partition, record);
    if (random.nextInt(3) === 0) await database.settle();
  }
  await database.settle();
}

/** Copies made, places changed, partitions interleaved. */
function rearranged(records: readonly RecordStep[], plan: ReplayPlan): RecordStep[] {
  const { random, distance, topics } = plan;
  const partitions = new Map<string, { readonly key: number; readonly step: RecordStep }[]>();
  records.forEach((step, index) => {
    const use = topics.get(step.topic) ?? { ordered: true, timed: false };
    const name = `${step.topic} ${step.partition}`;
    const same = partitions.get(name) ?? [];
    partitions.set(name, same);
    const place = (): number => (use.timed ? index + randomUpTo(random, distance === 'any' ? records.length : distance) : index);
    same.push({ key: place(), step });
    if (plan.duplicate && !use.ordered && random.nextInt(2) === 0) same.push({ key: place(), step });
  });
  const queues = [...partitions.values()].map((entries) => entries.sort((left, right) => left.key - right.key).map(({ step }) => step));
  const result: RecordStep[] = [];
  for (let open = queues.filter((queue) => queue.length > 0); open.length > 0; open = open.filter((queue) => queue.length > 0))
    result.push(open[random.nextInt(open.length)]!.shift()!);
  return result;
}

function randomUpTo(random: Random, limit: number): number {
  return limit === 0 ? 0 : random.nextInt(limit + 1);
}

/** What the streams that read a topic say about the order of its messages. */
interface TopicUse {
  /** A message replaces or takes back another one: neither order nor number may change. */
  readonly ordered: boolean;
  /** Rows have event times, so lateness says how far they may move. */
  readonly timed: boolean;
}

function readTopics(database: TestDatabase): Map<string, TopicUse> {
  const uses = new Map<string, TopicUse>();
  for (const relation of database.engine.snapshot.relations()) {
    if (relation.options === null || relation.kind === 'sink') continue;
    const topic = topicName(relation.options);
    const known = uses.get(topic) ?? { ordered: false, timed: true };
    const ordered = known.ordered || relation.kind !== 'stream' || !relation.appendOnly;
    uses.set(topic, { ordered, timed: known.timed && !ordered && relation.watermark !== null });
  }
  return uses;
}

/** Late rows of the streams that the view reads, at first or second hand, whatever their places. */
async function lateRows(database: TestDatabase, view: Relation, text: (sql: string) => string): Promise<string> {
  const rows: string[] = [];
  for (const relation of readBy(view.schema, view.name, database)) {
    if (relation.kind !== 'stream' || relation.watermark === null) continue;
    const columns = relation.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    const name = quoteRelation(relation);
    const late = await textRows(database, text(`SELECT ${columns} FROM late_rows('${name.replaceAll("'", "''")}')`));
    rows.push(...late.map((row) => `${name} ${row}`));
  }
  return rows.sort().join('\n');
}

function readBy(schema: string, name: string, { engine: { snapshot } }: TestDatabase): ReadonlySet<Relation> {
  const found = new Set<Relation>();
  const add = (relation: Relation | null): void => {
    if (relation === null || found.has(relation)) return;
    found.add(relation);
    for (const oid of relation.dependsOn) add(snapshot.relationByOid(oid));
  };
  add(snapshot.reader(['public']).relation(schema, name));
  return found;
}
