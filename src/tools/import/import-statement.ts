import { SqlError, SqlState } from '../../base/index.ts';
import type { ImportedStatement } from '../../session/index.ts';
import { parseStatement, printStatement } from '../../sql/index.ts';
import { importDialects } from './dialects.ts';
import { parseInWorker } from './parse-in-worker.ts';
import { offsetsInSource, requireSameTokens, sourceTokens } from './source-tokens.ts';
import { isTree } from './tree.ts';
import { writeStatement } from './write-statement.ts';

/**
 * One statement of a dialect as a statement of fsql. Errors: 42601 and 54001 of the parser; 0A000 with the position for whatever is not understood
 * or means something else here.
 */
export async function importStatement(text: string, dialectName: string): Promise<ImportedStatement> {
  const dialect = Object.hasOwn(importDialects, dialectName) ? importDialects[dialectName] : undefined;
  if (dialect === undefined) {
    const hint = `There are: ${Object.keys(importDialects).join(', ')}.`;
    throw new SqlError({ code: SqlState.invalidParameterValue, message: `dialect "${dialectName}" cannot be imported`, hint });
  }
  const parsed = await parseInWorker(text, dialectName);
  const [root, more] = Array.isArray(parsed) ? parsed : [parsed];
  if (!isTree(root) || more !== undefined) {
    throw new SqlError({ code: SqlState.syntaxError, message: 'one statement at a time is imported', position: 0 });
  }
  const tokens = sourceTokens(text, dialect.doubleQuotedStrings);
  const written = writeStatement(root, { dialect, tokens });
  requireSameTokens(tokens, sourceTokens(written, false));
  const printed = printStatement(parseStatement(written));
  if (printStatement(parseStatement(printed)) !== printed) throw new Error(`assertion failed: ${printed} does not read back to itself`);
  return { text: printed, sourceOffset: offsetsInSource(tokens, sourceTokens(printed, false)) };
}
