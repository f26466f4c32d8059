/**
 * Typed fragments of generated JavaScript (after Ajv's code generator): primitives enter only as literals, names only
 * as checked identifiers, everything else travels as a captured scope value. There is no way to splice a string in.
 */
export class JsCode {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A checked identifier. */
export class JsName {
  readonly text: string;
  constructor(text: string) {
    if (!/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(text)) throw new Error(`assertion failed: not an identifier: ${text}`);
    this.text = text;
  }
}

export type JsArgument = JsName | JsCode | string | number | bigint | boolean | null;

export function js(strings: TemplateStringsArray, ...values: readonly JsArgument[]): JsCode {
  let text = strings[0]!;
  for (let i = 0; i < values.length; i++) text += render(values[i]!) + strings[i + 1]!;
  return new JsCode(text);
}

export function joinCode(parts: readonly JsCode[], separator: JsCode): JsCode {
  return new JsCode(parts.map((part) => part.text).join(separator.text));
}

function render(value: JsArgument): string {
  if (value instanceof JsName || value instanceof JsCode) return value.text;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  return Object.is(value, -0) ? '-0' : String(value);
}
