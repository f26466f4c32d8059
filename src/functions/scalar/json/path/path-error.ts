import { SqlError, type SqlState } from '../../../../base/index.ts';

/** An error of a path over a document: ON ERROR, `silent` and predicates take it. Errors of the path itself are plain ones. */
export class PathError extends SqlError {
  constructor(code: SqlState, message: string, hint?: string) {
    super({ code, message, hint });
  }
}
