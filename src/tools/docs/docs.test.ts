import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { slotRegistries } from '../../main/open-database.ts';
import { createRegistries, withConnectors } from '../../main/registries.ts';
import { statementKinds } from '../../session/index.ts';
import { parseStatements } from '../../sql/index.ts';
import { configurations, TestDatabase } from '../sqltest/index.ts';
import { printPages } from './index.ts';
import { statementGroups } from './statement-guide.ts';

const guides = statementGroups.flatMap((group) => group.statements);

for (const [name, text] of printPages()) {
  test(`docs/reference/${name} is what the product says`, () => {
    const committed = readFileSync(new URL(`../../../docs/reference/${name}`, import.meta.url), 'utf8');
    expect(committed === text, `docs/reference/${name} is stale: npm run docs`).toBe(true);
  });
}

test('every statement that does something has a guide, and no other', () => {
  expect(guides.map((guide) => guide.kind).sort()).toEqual([...statementKinds].sort());
});

test('examples of statements are of their kind and run in order', async () => {
  const builtIns: ConstructorParameters<typeof TestDatabase>[0]['builtIns'] = (extra) => {
    const registries = withConnectors(createRegistries(), extra);
    return { engine: registries, slots: slotRegistries(registries) };
  };
  const database = new TestDatabase({ configuration: configurations[0]!, seed: 1, builtIns });
  await database.open();
  try {
    database.topics.create('bids', 2);
    for (const { kind, example } of guides) {
      expect(
        parseStatements(example).some(({ statement }) => statement.kind === kind || (statement.kind === 'declare-cursor' && kind === 'subscribe')),
        example,
      ).toBe(true);
      for await (const result of database.session.simpleQuery(example)) {
        if (result.kind === 'rows' || result.kind === 'copy-out')
          for await (const batch of result.batches) expect(batch.rowCount).toBeGreaterThanOrEqual(0);
      }
    }
  } finally {
    await database.close();
  }
});
