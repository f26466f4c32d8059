import { describe, expect, it } from 'vitest';
import { Catalog, type CatalogLogStore, cascadeNotice, decodeCatalogEntries, encodeCatalogEntries, planDrop } from './index.ts';
import { testRelation, testView } from './test-relation.ts';

class MemoryLog implements CatalogLogStore {
  readonly texts: string[] = [];
  fails = false;

  async append(entry: string): Promise<void> {
    if (this.fails) throw new Error('disk full');
    this.texts.push(entry);
  }

  entries(): readonly string[] {
    return this.texts;
  }
}

const shown = (relation: { name: string }): string => relation.name;

describe('Catalog', () => {
  it('comes back from its log with every kind of value', async () => {
    const log = new MemoryLog();
    const catalog = Catalog.open(log, []);
    const stream = testRelation(catalog.allocateOid(), 'bids', {
      kind: 'stream',
      watermark: { column: 0, delayMicros: 2n ** 60n, latenessMicros: 0n },
      options: new Map([
        ['topic', 'bids'],
        ['connector', 'kafka'],
      ]),
    });
    const schema = { kind: 'create-schema', oid: catalog.allocateOid(), name: 'shop' } as const;
    await catalog.commit([schema, { kind: 'put-relation', relation: stream }]);
    await catalog.commit([{ kind: 'attach', oid: stream.oid, key: 'start', value: { '0': 17, '1': null } }]);
    const reopened = Catalog.open(log, []);
    expect(reopened.snapshot.relation('public', 'bids')).toEqual(stream);
    expect([...reopened.snapshot.relation('public', 'bids')!.options!.keys()]).toEqual(['topic', 'connector']);
    expect(reopened.snapshot.attachment(stream.oid, 'start')).toEqual({ '0': 17, '1': null });
    expect(reopened.snapshot.schema('shop')?.oid).toBe(schema.oid);
  });

  it('never gives the oid of a dropped relation again, restart included', async () => {
    const log = new MemoryLog();
    const catalog = Catalog.open(log, []);
    const oid = catalog.allocateOid();
    await catalog.commit([{ kind: 'put-relation', relation: testRelation(oid, 't') }]);
    await catalog.commit([{ kind: 'drop-relation', oid }]);
    expect(Catalog.open(log, []).allocateOid()).toBeGreaterThan(oid);
  });

  it('never gives a reserved oid again, even if nothing of it has been committed', async () => {
    const log = new MemoryLog();
    const catalog = Catalog.open(log, []);
    const next = catalog.allocateOid();
    await Promise.all([catalog.reserveAllocated(), catalog.reserveAllocated()]);
    expect(log.texts).toHaveLength(1);
    expect(catalog.allocateOid()).toBe(next + 1);
    await catalog.reserveAllocated();
    expect(log.texts).toHaveLength(1);

    const reopened = Catalog.open(log, []);
    expect([...reopened.snapshot.relations()]).toEqual([]);
    const later = reopened.allocateOid();
    expect(later).toBeGreaterThan(next + 1);
    await reopened.reserveAllocated();
    expect(log.texts).toHaveLength(2);
    expect(Catalog.open(log, []).allocateOid()).toBeGreaterThan(later);
  });

  it('publishes nothing when the log fails, and goes on afterwards', async () => {
    const log = new MemoryLog();
    const catalog = Catalog.open(log, []);
    const before = catalog.snapshot;
    log.fails = true;
    const entry = { kind: 'put-relation', relation: testRelation(catalog.allocateOid(), 't') } as const;
    await expect(catalog.commit([entry])).rejects.toThrow('disk full');
    expect(catalog.snapshot).toBe(before);
    log.fails = false;
    await catalog.commit([entry]);
    expect(catalog.snapshot.relation('public', 't')).not.toBeNull();
  });

  it('lets the first of two commits of one name win', async () => {
    const catalog = Catalog.open(new MemoryLog(), []);
    const outcomes = await Promise.allSettled(
      [16400, 16401].map((oid) => catalog.commit([{ kind: 'put-relation', relation: testRelation(oid, 't') }])),
    );
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected']);
    expect((outcomes[1] as PromiseRejectedResult).reason).toMatchObject({ code: '42P07', message: 'relation "t" already exists' });
  });

  it.each([
    ['a missing schema', { schema: 'nowhere' }, '3F000'],
    ['a system schema', { schema: 'pg_catalog' }, '42501'],
  ])('refuses %s', async (_, change, code) => {
    const catalog = Catalog.open(new MemoryLog(), []);
    await expect(catalog.commit([{ kind: 'put-relation', relation: testRelation(16400, 't', change) }])).rejects.toMatchObject({ code });
  });

  it('refuses reserved schema names and schemas in use', async () => {
    const catalog = Catalog.open(new MemoryLog(), []);
    await expect(catalog.commit([{ kind: 'create-schema', oid: 16400, name: 'pg_x' }])).rejects.toMatchObject({ code: '42939' });
    await catalog.commit([{ kind: 'put-relation', relation: testRelation(16401, 't') }]);
    await expect(catalog.commit([{ kind: 'drop-schema', oid: 2200 }])).rejects.toMatchObject({ code: '2BP01' });
  });

  it('refuses a view planned before its input was dropped', async () => {
    const catalog = Catalog.open(new MemoryLog(), []);
    await catalog.commit([{ kind: 'put-relation', relation: testRelation(16400, 't') }]);
    await catalog.commit([{ kind: 'drop-relation', oid: 16400 }]);
    await expect(catalog.commit([{ kind: 'put-relation', relation: testView(16401, 'v', [16400]) }])).rejects.toMatchObject({ code: '40001' });
  });

  it('names the place of a damaged entry', () => {
    const log = new MemoryLog();
    log.texts.push(encodeCatalogEntries([]), '{"version":99}');
    expect(() => Catalog.open(log, [])).toThrowError(expect.objectContaining({ code: 'XX001', message: expect.stringContaining('entry 2') }));
  });

  it('renames by replacing, and swaps two names in one commit', async () => {
    const catalog = Catalog.open(new MemoryLog(), []);
    await catalog.commit([16400, 16401].map((oid) => ({ kind: 'put-relation', relation: testRelation(oid, `t${oid}`) })));
    await catalog.commit([
      { kind: 'put-relation', relation: testRelation(16400, 'aside') },
      { kind: 'put-relation', relation: testRelation(16401, 't16400') },
      { kind: 'put-relation', relation: testRelation(16400, 't16401') },
    ]);
    expect(catalog.snapshot.relation('public', 't16400')?.oid).toBe(16401);
    expect(catalog.snapshot.relation('public', 't16401')?.oid).toBe(16400);
    expect(catalog.snapshot.relation('public', 'aside')).toBeNull();
  });
});

describe('search path', () => {
  it('looks into the system schemas first and then along the path', async () => {
    const catalog = Catalog.open(new MemoryLog(), []);
    await catalog.commit([
      { kind: 'create-schema', oid: 16399, name: 'shop' },
      { kind: 'put-relation', relation: testRelation(16400, 't') },
      { kind: 'put-relation', relation: testRelation(16401, 't', { schema: 'shop' }) },
    ]);
    expect(catalog.snapshot.reader(['public', 'shop']).relation(null, 't')?.oid).toBe(16400);
    expect(catalog.snapshot.reader(['gone', 'shop', 'public']).relation(null, 't')?.oid).toBe(16401);
    expect(catalog.snapshot.reader(['public']).relation('shop', 't')?.oid).toBe(16401);
  });
});

describe('planDrop', () => {
  const chain = [testRelation(16400, 't'), testView(16401, 'a', [16400]), testView(16402, 'b', [16401]), testView(16403, 'c', [16400, 16402])];
  const snapshot = Catalog.open(new MemoryLog(), []).snapshot.with(chain.map((relation) => ({ kind: 'put-relation', relation })));

  it('lists what is in the way, with a hint', () => {
    expect(() => planDrop(snapshot, [chain[1]!], { cascade: false, shown })).toThrowError(
      expect.objectContaining({
        code: '2BP01',
        message: 'cannot drop materialized view a because other objects depend on it',
        detail: 'materialized view b depends on materialized view a\nmaterialized view c depends on materialized view b',
        hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
      }),
    );
  });

  it('drops dependants first and says what a cascade took', () => {
    const plan = planDrop(snapshot, [chain[0]!], { cascade: true, shown });
    const order = plan.relations.map((relation) => relation.name);
    for (const [before, after] of [
      ['c', 'b'],
      ['b', 'a'],
      ['a', 't'],
    ])
      expect(order.indexOf(before!)).toBeLessThan(order.indexOf(after!));
    expect(cascadeNotice(plan, shown)).toEqual({
      message: 'drop cascades to 3 other objects',
      detail: 'drop cascades to materialized view a\ndrop cascades to materialized view b\ndrop cascades to materialized view c',
    });
  });

  it('asks for no cascade when everything was named', () => {
    expect(planDrop(snapshot, chain, { cascade: false, shown }).cascaded).toEqual([]);
  });
});

it('keeps entries through their text', () => {
  const entries = [{ kind: 'put-relation', relation: testView(16400, 'v', [1, 2]) }] as const;
  expect(decodeCatalogEntries(encodeCatalogEntries(entries))).toEqual(entries);
});
