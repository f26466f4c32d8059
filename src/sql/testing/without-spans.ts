const spanFields: ReadonlySet<string> = new Set(['span', 'keySpan', 'nameSpan', 'operatorSpan', 'valueSpan']);

/** A copy of a tree without its places in the text, for comparing trees read from different texts. */
export function withoutSpans(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSpans);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key]) => !spanFields.has(key));
  return Object.fromEntries(entries.map(([key, field]) => [key, withoutSpans(field)]));
}
