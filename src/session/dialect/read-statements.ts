import { SqlError } from '../../base/index.ts';
import { type ParsedStatement, parseStatement, parseStatements, splitStatements } from '../../sql/index.ts';
import { importedDialects } from './imported-dialects.ts';
import { moveSpans } from './move-spans.ts';

/** A statement of another system in fsql's words. */
export interface ImportedStatement {
  readonly text: string;
  /** The offset in the source of what stands at an offset of `text`. */
  sourceOffset(offset: number): number;
}

/** Rewrites one statement of an imported dialect. Errors: 42601, 54001 and 0A000 with positions in `text`. */
export type ImportStatement = (text: string, dialect: string) => Promise<ImportedStatement>;

/** Statements about the session itself: they are fsql's in every dialect, so that there is always a way back. */
const own = /^(set|reset|show|begin|start|commit|end|rollback|abort|savepoint|release|discard|deallocate)\b/i;

/**
 * The statements of a text in the dialect the session has when each is reached: an earlier one may have changed it. A text of our own grammar
 * that changes no dialect is read as a whole, so that a syntax error anywhere in it keeps all of it from running.
 */
export async function* readStatements(text: string, dialect: () => string, importStatement: ImportStatement): AsyncIterable<ParsedStatement> {
  if (!importedDialects.includes(dialect()) && !/sql_dialect/i.test(text)) {
    yield* parseStatements(text);
    return;
  }
  for (const piece of splitStatements(text)) {
    const source = dialect();
    if (!importedDialects.includes(source) || own.test(piece.text)) yield* parseStatements(' '.repeat(piece.start) + piece.text);
    else yield { ...piece, statement: await imported(piece, source, importStatement) };
  }
}

/** The positions are those of what the user wrote. */
async function imported(
  piece: { readonly text: string; readonly start: number },
  dialect: string,
  importStatement: ImportStatement,
): Promise<ParsedStatement['statement']> {
  try {
    const { text, sourceOffset } = await importStatement(piece.text, dialect);
    return moveSpans(parseStatement(text), (offset) => piece.start + sourceOffset(offset));
  } catch (error) {
    throw error instanceof SqlError && error.position !== undefined ? error.with({ position: piece.start + error.position }) : error;
  }
}
