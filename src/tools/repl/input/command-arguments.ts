import { type Variables, variableReference } from './variables.ts';

/** The words behind a backslash command, and where the next command (or the text behind `\\`) begins. */
export interface CommandArguments {
  readonly words: readonly string[];
  readonly end: number;
}

/**
 * Words between blanks: 'quoted' with psql's escapes, "identifiers" kept with their quotes, `:variables` replaced (psql reference,
 * "Meta-Commands"). An unquoted backslash ends them.
 */
export function commandArguments(text: string, from: number, variables: Variables): CommandArguments {
  const words: string[] = [];
  let word: string | null = null;
  let at = from;
  while (at < text.length && text[at] !== '\\') {
    const character = text[at]!;
    if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
      at++;
      continue;
    }
    const part = wordPart(text, at, variables);
    word = (word ?? '') + part.value;
    at = part.end;
  }
  if (word !== null) words.push(word);
  return { words, end: at };
}

function wordPart(text: string, at: number, variables: Variables): { value: string; end: number } {
  const character = text[at]!;
  if (character === "'") return quotedPart(text, at);
  if (character === '"') {
    const close = text.indexOf('"', at + 1);
    const end = close < 0 ? text.length : close + 1;
    return { value: text.slice(at, end), end };
  }
  if (character === ':') {
    const reference = variableReference(text, at, variables);
    if (reference !== null) return { value: reference.replacement, end: at + reference.length };
  }
  return { value: character, end: at + 1 };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b', r: '\r', f: '\f' };

function quotedPart(text: string, start: number): { value: string; end: number } {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === "'" && text[at + 1] === "'") value += text[at++];
    else if (character === "'") return { value, end: at + 1 };
    else if (character === '\\' && at + 1 < text.length) {
      const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1));
      value += octal === null ? (escapes[text[at + 1]!] ?? text[at + 1]) : String.fromCharCode(Number.parseInt(octal[0], 8));
      at += octal === null ? 1 : octal[0].length;
    } else value += character;
  }
  return { value, end: text.length };
}
