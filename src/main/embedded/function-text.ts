import { SqlError, SqlState } from '../../base/index.ts';

/** A function of the language as text that is an expression. Errors: 0A000 for one that has no such text. */
export function codeOf(name: string, code: unknown): string {
  if (typeof code !== 'function') throw refused(name, 'is no function');
  const text = Function.prototype.toString.call(code);
  if (/\{\s*\[native code\]\s*\}$/.test(text))
    throw refused(name, 'has no text: it is part of the language, or bound', 'Put it into a function of your own: (x) => Math.max(x, 1).');
  if (/^async\b/.test(text)) throw refused(name, 'is asynchronous', 'A function gives its result at once.');
  if (/^(?:function\b|class\b|\(|[\w$]+\s*=>)/.test(text)) return text;
  // Methods of an object: `create() { … }`, `*rows(n) { … }`.
  const method = /^(\*?)\s*([\w$]+)\s*(\([\s\S]*)$/.exec(text);
  if (method === null) throw refused(name, 'is written in a way that cannot be kept', 'Write (x) => … or function (x) { … }.');
  return `function${method[1]} ${method[2]}${method[3]}`;
}

/** The text between dollar quotes that are not in it. */
export function dollarQuoted(body: string): string {
  let tag = '$fsql$';
  for (let attempt = 1; body.includes(tag); attempt++) tag = `$fsql${attempt}$`;
  return `${tag}${body}${tag}`;
}

/** `a1, a2`: what the arguments are called between the declaration and the code, which has names of its own. */
export function argumentNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `a${index + 1}`);
}

function refused(name: string, why: string, hint?: string): SqlError {
  return new SqlError({ code: SqlState.featureNotSupported, message: `the code of function "${name}" ${why}`, hint });
}
