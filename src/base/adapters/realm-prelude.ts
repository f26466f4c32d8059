/**
 * Makes a fresh context a realm for users' code: takes away what could look outside, at a clock or at chance, bounds what native functions do without
 * asking the time limit, freezes the rest, and leaves the callers. It is evaluated as text in the context, before any code of a user is.
 *
 * Sizes: natives loop over at most a million elements, and make texts of at most a million characters, since V8 does not stop inside of them. A value
 * that leaves is at most 16 MB of text.
 */
export const REALM_PRELUDE = `(() => {
'use strict';
const ELEMENTS_MAX = 1000000;
const TEXT_MAX = 16777216;
const { apply, construct, ownKeys, getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Reflect;
const { freeze, create } = Object;
const { isArray } = Array;
const { parse, stringify } = JSON;
const PlainArray = Array;
const PlainError = Error;
const PlainRangeError = RangeError;
const PlainTypeError = TypeError;
const PlainSet = Set;
const toText = String;
const has = Set.prototype.has;
const add = Set.prototype.add;

const tooLarge = (what) => { throw new PlainRangeError(what + ' is larger than a function may make it'); };
const define = (target, name, value) => defineProperty(target, name, { value, writable: false, enumerable: false, configurable: false });

for (const name of ['Date', 'Promise', 'Proxy', 'WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'ArrayBuffer', 'Atomics', 'WebAssembly', 'Intl', 'eval',
  'Function', 'console', 'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array',
  'Float64Array', 'BigInt64Array', 'BigUint64Array', 'AsyncFunction', 'Iterator', 'globalThis']) delete globalThis[name];
delete Math.random;
delete Array.fromAsync;
delete Array.prototype.flat;
delete Array.prototype.flatMap;

for (const name of ['repeat', 'padStart', 'padEnd']) {
  const native = String.prototype[name];
  define(String.prototype, name, function (count, ...rest) {
    const size = name === 'repeat' ? toText(this).length * count : count;
    if (size > ELEMENTS_MAX) tooLarge('a text');
    return apply(native, this, [count, ...rest]);
  });
}
for (const name of ownKeys(Array.prototype)) {
  const native = Array.prototype[name];
  if (typeof native !== 'function' || name === 'constructor' || name === 'push' || name === 'pop' || name === 'at') continue;
  define(Array.prototype, name, function (...args) {
    if (!isArray(this)) throw new PlainTypeError('not an array');
    if (this.length > ELEMENTS_MAX) tooLarge('an array');
    return apply(native, this, args);
  });
}
const from = Array.from;
const LimitedArray = function Array(...args) {
  if (args.length === 1 && args[0] > ELEMENTS_MAX) tooLarge('an array');
  return construct(PlainArray, args);
};
LimitedArray.prototype = PlainArray.prototype;
LimitedArray.isArray = isArray;
LimitedArray.of = (...args) => args;
LimitedArray.from = (items, map, self) => {
  if (items !== null && typeof items === 'object' && items.length > ELEMENTS_MAX) tooLarge('an array');
  return apply(from, PlainArray, map === undefined ? [items] : [items, map, self]);
};
define(PlainArray.prototype, 'constructor', LimitedArray);
defineProperty(Error, 'stackTraceLimit', { value: 0, writable: false, configurable: false });
defineProperty(Error, 'prepareStackTrace', { value: undefined, writable: false, configurable: false });

const visited = new PlainSet();
const harden = (value) => {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || apply(has, visited, [value])) return;
  apply(add, visited, [value]);
  for (const key of ownKeys(value)) {
    const descriptor = getOwnPropertyDescriptor(value, key);
    harden(descriptor.value);
    harden(descriptor.get);
    harden(descriptor.set);
  }
  harden(getPrototypeOf(value));
  freeze(value);
};
const root = this;
defineProperty(root, 'Array', { value: LimitedArray, writable: false, enumerable: false, configurable: false });
for (const name of ownKeys(root)) {
  const { value } = getOwnPropertyDescriptor(root, name);
  harden(value);
  defineProperty(root, name, { value, writable: false, enumerable: false, configurable: false });
}
for (const literal of [[][Symbol.iterator](), new Map().entries(), new Set().values(), ''[Symbol.iterator](), ''.matchAll(/a/g), function* () {}, (function* () {})(),
  async function () {}, async function* () {}, (async () => undefined)()]) harden(literal);

const failure = (error) => {
  let message;
  try {
    message = error instanceof PlainError ? toText(error.name) + ': ' + toText(error.message) : toText(error);
  } catch {
    message = 'what was thrown has no text';
  }
  return 'e' + message;
};
const leave = (text) => (text.length > TEXT_MAX ? tooLarge('the result') : text);
const plain = (_key, value) => (typeof value === 'bigint' ? toText(value) : value);
const encode = (value) => {
  switch (typeof value) {
    case 'undefined': return null;
    case 'number': case 'boolean': case 'bigint': return value;
    case 'string': return leave('s' + value);
    case 'object': {
      if (value === null) return null;
      const text = stringify(value, plain);
      return text === undefined ? null : leave('j' + text);
    }
    default: throw new PlainTypeError('a ' + typeof value + ' is no value of SQL');
  }
};
const given = (args, structured) => {
  for (let index = 0; index < structured.length; index++) {
    const position = structured[index];
    if (args[position] !== null) args[position] = parse(args[position]);
  }
  return args;
};
const callers = create(null);
callers.function = (target, structured) => (...args) => {
  try { return encode(apply(target, undefined, given(args, structured))); } catch (error) { return failure(error); }
};
callers.rows = (target, structured) => (...args) => {
  try {
    const rows = [];
    const made = apply(target, undefined, given(args, structured));
    if (isArray(made)) return encode(made);
    for (let step = made.next(); ; step = made.next()) {
      if (step.done) {
        if (isArray(step.value)) for (let index = 0; index < step.value.length; index++) rows.push(step.value[index]);
        return encode(rows);
      }
      if (rows.length >= ELEMENTS_MAX) tooLarge('the result');
      rows.push(step.value === undefined ? null : step.value);
    }
  } catch (error) { return failure(error); }
};
callers.aggregate = (parts) => (text) => {
  try {
    const rows = parse(text);
    let state = parts.create_state === null ? null : parts.create_state();
    for (let index = 0; index < rows.length; index++) {
      const next = apply(parts.accumulate, undefined, [state, ...rows[index]]);
      if (next !== undefined) state = next;
    }
    return encode(parts.finish === null ? state : parts.finish(state));
  } catch (error) { return failure(error); }
};
return (form, target, structuredText) => callers[form](target, parse(structuredText));
})`;
