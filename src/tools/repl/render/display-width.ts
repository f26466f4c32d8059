const zeroWidthPattern = /\p{Mark}|\u200b|\u200d|\ufe0f/u;
const widePattern = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\uff01-\uff60]/u;

/** Columns a text takes on a terminal: wide East Asian characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (zeroWidthPattern.test(character)) continue;
    width += widePattern.test(character) ? 2 : 1;
  }
  return width;
}

export function padRight(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** The odd blank goes to the right, as psql puts it. */
export function center(text: string, width: number): string {
  const free = Math.max(0, width - displayWidth(text));
  const left = Math.floor(free / 2);
  return ' '.repeat(left) + text + ' '.repeat(free - left);
}

/**
 * The lines of a cell, with what would disturb a table made visible as psql does: a tab reaches to the next multiple of eight,
 * other control characters are shown as their codes.
 */
export function cellLines(text: string): string[] {
  if (/^[\x20-\x7e]*$/.test(text)) return [text];
  return text.split('\n').map((line) => visible(line));
}

function visible(line: string): string {
  if (!controlPattern.test(line)) return line;
  let shown = '';
  for (const character of line) {
    const code = character.codePointAt(0)!;
    if (character === '\t') shown += ' '.repeat(8 - (displayWidth(shown) % 8));
    else if (character === '\r') shown += '\\r';
    else if (code < 0x20 || code === 0x7f) shown += `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`;
    else if (code >= 0x80 && code < 0xa0) shown += `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
    else shown += character;
  }
  return shown;
}

/** The C0 and C1 control characters. */
const controlPattern = /\p{Cc}/u;
