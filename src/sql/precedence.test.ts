import { loadModule, parseSync } from 'libpg-query';
import { beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../base/index.ts';
import { parseExpression } from './index.ts';
import { canonicalExpression } from './testing/canonical-expression.ts';
import { canonicalOracle } from './testing/canonical-oracle.ts';
import { generateExpression } from './testing/generate-expression.ts';

const EXPRESSIONS = 20_000;
const seed = 20_240_601;

beforeAll(() => loadModule());

/** PostgreSQL's own tree, or null where PostgreSQL refuses the text. */
function oracleTree(text: string): unknown {
  try {
    const tree = parseSync(`SELECT ${text}`) as unknown as { stmts: { stmt: { SelectStmt: { targetList: { ResTarget: { val: unknown } }[] } } }[] };
    return canonicalOracle(tree.stmts[0]!.stmt.SelectStmt.targetList[0]!.ResTarget.val);
  } catch {
    return null;
  }
}

function ownTree(text: string): unknown {
  try {
    return canonicalExpression(parseExpression(text));
  } catch {
    return null;
  }
}

it(`reads ${EXPRESSIONS} generated expressions into PostgreSQL's trees (seed ${seed})`, { timeout: 180_000 }, () => {
  const random = seededRandom(seed);
  let accepted = 0;
  const different: string[] = [];
  for (let count = 0; accepted < EXPRESSIONS; count++) {
    const text = generateExpression(random, 1 + (count % 3));
    const oracle = oracleTree(text);
    const own = ownTree(text);
    // What PostgreSQL refuses is generated too: chains of nonassociative operators have to be refused here as well.
    if (oracle !== null) accepted++;
    if (JSON.stringify(own) !== JSON.stringify(oracle))
      different.push(`${text}\n  own        ${JSON.stringify(own)}\n  PostgreSQL ${JSON.stringify(oracle)}`);
    if (different.length > 5) break;
  }
  expect(different).toEqual([]);
});
