import { SqlError } from '../base/index.ts';
import { renderCaret } from '../sql/index.ts';

/** Wrong use of a command (exit 2). */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** An error on standard error as psql prints it: message, the line with a caret, DETAIL, HINT. `text` is what the position refers to. */
export function printError(error: unknown, text?: string): void {
  process.stderr.write(`${errorText(error, text)}\n`);
}

export function errorText(error: unknown, text?: string): string {
  if (error instanceof SqlError) {
    const lines = [`ERROR:  ${error.message}`];
    if (error.position !== undefined && text !== undefined) lines.push(renderCaret(text, error.position));
    if (error.detail !== undefined) lines.push(`DETAIL:  ${error.detail}`);
    if (error.hint !== undefined) lines.push(`HINT:  ${error.hint}`);
    return lines.join('\n');
  }
  return `fsql: ${error instanceof Error ? error.message : String(error)}`;
}
