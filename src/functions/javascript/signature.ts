import type { ScriptDeclaration } from '../../spi/index.ts';
import { formatTypeKind } from '../../types/index.ts';

/**
 * `f(int4) -> int4`, a line's end, and the declaration as JSON. A `>` of the code is escaped, so that the arrow of the first line is the only one; the
 * name of the first line is one word whatever the function is called.
 */
export function scriptSignature(declaration: ScriptDeclaration): string {
  const { name, kind, parameters, resultType, columns, volatility, strict, timeoutMs, body } = declaration;
  const types = parameters.map((parameter) => formatTypeKind(parameter.type)).join(', ');
  const first = `${name.replace(/\W/g, '_')}(${types || (kind === 'aggregate' ? '*' : '')}) -> ${formatTypeKind(resultType)}`;
  const json = JSON.stringify({ name, kind, parameters, resultType, columns, volatility, strict, timeoutMs, body });
  return `${first}\n${json.replaceAll('>', '\\u003e')}`;
}

/** Null for the signature of a built-in. */
export function declarationOf(signature: string): ScriptDeclaration | null {
  const end = signature.indexOf('\n');
  return end < 0 ? null : (JSON.parse(signature.slice(end + 1)) as ScriptDeclaration);
}
