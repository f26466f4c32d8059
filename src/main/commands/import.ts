import { readFile } from 'node:fs/promises';
import { toSqlError } from '../../base/index.ts';
import { splitStatements } from '../../sql/index.ts';
import { importStatement } from '../../tools/import/index.ts';
import { errorText, UsageError } from '../print-error.ts';

/** `fsql import --from DIALECT FILE`: prints the statements in fsql's words; goes on after one that is not understood, and fails in the end. */
export async function runImport(file: string, options: { readonly from: string }): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`cannot read ${file}: ${error.message}`);
  });
  let failed = false;
  for (const piece of splitStatements(text)) {
    try {
      process.stdout.write(`${(await importStatement(piece.text, options.from)).text};\n`);
    } catch (error) {
      failed = true;
      process.stderr.write(`${file}:${text.slice(0, piece.start).split('\n').length}: ${errorText(toSqlError(error), piece.text)}\n`);
    }
  }
  return failed ? 1 : 0;
}
