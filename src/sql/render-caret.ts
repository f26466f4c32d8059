/** psql shows this many columns of a long line around the caret; we keep to the width of a terminal. */
const LINE_WIDTH_MAX = 76;

/**
 * psql's two lines under an error: `LINE n: <the line>` and a caret below the character at `position` (a zero-based UTF-16 offset).
 * A long line is cut around the caret with `...` on the sides that lost text.
 */
export function renderCaret(text: string, position: number): string {
  const at = Math.min(Math.max(position, 0), text.length);
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const lineEnd = text.indexOf('\n', at);
  const line = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).replace(/\r$/, '');
  const lineNumber = text.slice(0, lineStart).split('\n').length;
  const prefix = `LINE ${lineNumber}: `;
  const window = cutAround(line, at - lineStart, LINE_WIDTH_MAX - prefix.length);
  return `${prefix}${window.text}\n${' '.repeat(prefix.length + window.column)}^`;
}

/** Columns count characters, not UTF-16 units, so that the caret stands right behind an emoji. Tabs become single spaces. */
function cutAround(line: string, offset: number, widthMax: number): { text: string; column: number } {
  const characters = [...line.replaceAll('\t', ' ')];
  const column = [...line.slice(0, offset)].length;
  if (characters.length <= widthMax) return { text: characters.join(''), column };
  const inner = widthMax - 6;
  const start = Math.max(0, Math.min(column - Math.floor(inner / 2), characters.length - inner));
  const head = start > 0 ? '...' : '';
  const tail = start + inner < characters.length ? '...' : '';
  return { text: head + characters.slice(start, start + inner).join('') + tail, column: column - start + head.length };
}
