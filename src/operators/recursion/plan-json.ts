import type { Json } from '../../jobgraph/index.ts';
import type { LogicalPlan } from '../../plan/logical/index.ts';

/** A value JSON has no form for: its kind and its text. */
const TAG = '$';

/** A plan as JSON. Plans are plain data; only the numbers and bytes of literals need a form of their own, and where things were written is left out. */
export function planToJson(plan: LogicalPlan): Json {
  return toJson(plan);
}

export function planFromJson(json: Json): LogicalPlan {
  return fromJson(json) as LogicalPlan;
}

function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return { [TAG]: 'bigint', text: String(value) };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { [TAG]: 'number', text: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (value instanceof Uint8Array) return { [TAG]: 'bytes', text: [...value].join(' ') };
  if (Array.isArray(value)) return value.map(toJson);
  if (value === null || typeof value !== 'object') return value as Json;
  const entries = Object.entries(value).filter(([name, member]) => name !== 'span' && member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, toJson(member)]));
}

function fromJson(json: Json): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map(fromJson);
  const members = json as { readonly [name: string]: Json };
  const text = String(members.text);
  switch (members[TAG]) {
    case 'bigint':
      return BigInt(text);
    case 'number':
      return Number(text);
    case 'bytes':
      return Uint8Array.from(text === '' ? [] : text.split(' ').map(Number));
    default:
      return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, fromJson(member)]));
  }
}
