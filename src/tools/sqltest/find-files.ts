import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A `.sql` file with one of these is a test; any other one is a pipeline that tests include. */
const TEST_SQL = /^\s*(?:assert\s|--@test:|--@description:)/im;

/** A file named is taken as it is; below a folder all `.slt` files and the `.sql` files that assert something. */
export function testFilesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => name.endsWith('.slt') || (name.endsWith('.sql') && TEST_SQL.test(readFileSync(name, 'utf8'))))
    .sort();
}
