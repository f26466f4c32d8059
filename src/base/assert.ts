/** Programmer errors: a condition that must hold whatever SQL or bytes come from outside. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Marks the default branch of an exhaustive switch: a new member of the union stops compiling here. */
export function unreachable(value: never): never {
  throw new Error(`assertion failed: unreachable value ${JSON.stringify(value)}`);
}
