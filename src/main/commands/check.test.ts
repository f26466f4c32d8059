import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCheck } from './check.ts';

const STREAMS = `
CREATE STREAM bids (auction BIGINT, price BIGINT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '4 seconds');
CREATE STREAM sales (auction BIGINT, buyer TEXT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '4 seconds');
`;
const JOIN = 'CREATE MATERIALIZED VIEW sold AS SELECT b.price, s.buyer FROM bids b JOIN sales s ON b.auction = s.auction';

let directory: string;
let errors: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fsql-check-'));
  errors = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

async function check(text: string, options: Parameters<typeof runCheck>[1]): Promise<number> {
  const file = join(directory, 'pipeline.sql');
  await writeFile(file, text);
  return runCheck([file], options);
}

describe('fsql check --strict-state', () => {
  it('refuses a join that keeps every row, and says what would bound it', async () => {
    expect(await check(`${STREAMS}${JOIN};`, { strictState: true })).toBe(1);
    expect(errors).toContain('pipeline.sql:4: ERROR:  the statement would keep state that nothing bounds');
    expect(errors).toContain('rows of the left side');
    expect(errors).toContain('BETWEEN');
  });

  it('lets a join pass whose times are bounded, and views of what was refused are still checked', async () => {
    expect(await check(`${STREAMS}${JOIN} AND b.at BETWEEN s.at - INTERVAL '1 hour' AND s.at;`, { strictState: true })).toBe(0);
    // What the join has put out stays, so it goes to a sink.
    const sink = JOIN.replace(/CREATE MATERIALIZED VIEW (\w+) AS/, "CREATE SINK $1 WITH (connector = 'blackhole') AS");
    expect(await check(`${STREAMS}SET state_ttl = '1 day'; ${sink}`, { strictState: true })).toBe(0);
    expect(await check(`${STREAMS}${JOIN}; CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM sold;`, { strictState: true })).toBe(1);
    expect(errors.match(/ERROR/g)).toHaveLength(1);
  });

  it('says nothing of state where it is not asked to', async () => {
    expect(await check(`${STREAMS}${JOIN};`, {})).toBe(0);
  });
});

describe('fsql check --dialect', () => {
  it('reads the files in that dialect, comments and all', async () => {
    const text = '-- one\nCREATE TABLE t (id INT PRIMARY KEY, name TEXT);\n/* two */ SELECT `name` FROM t LIMIT 1, 2;\nSELECT `nope` FROM t;';
    expect(await check(text, { dialect: 'mysql' })).toBe(1);
    expect(errors.match(/ERROR.*/g)).toEqual(['ERROR:  column "nope" does not exist']);
    expect(errors).toContain('pipeline.sql:4: ');
    expect(await check(text, {})).toBe(1);
    expect(errors.match(/ERROR/g)!.length).toBeGreaterThan(2);
  });

  it('names the ones there are', async () => {
    await expect(check('SELECT 1', { dialect: 'nope' })).rejects.toThrow(/^--dialect: invalid value .*mysql/);
  });
});
