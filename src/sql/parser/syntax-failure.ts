/**
 * Thrown inside the generated parser by actions that find an error the grammar cannot express (a second LIMIT, `a < b < c`).
 * The reader turns it into a SqlError that names the token at the position.
 */
export class SyntaxErrorAt extends Error {
  readonly position: number;
  readonly detail: string | undefined;

  constructor(position: number, detail?: string) {
    super('syntax error');
    this.position = position;
    this.detail = detail;
  }
}

/** Thrown when an expression nests deeper than the limits allow. */
export class StackDepthError extends Error {
  constructor() {
    super('stack depth limit exceeded');
  }
}
