/**
 * Patterns: LIKE in time linear in the text for every pattern with few runs, SIMILAR TO and POSIX regular expressions on JavaScript's engine, and
 * on a machine of linear time where backtracking could take long.
 *
 * Start reading at regular-expression.ts.
 */
export { BoundedExpression } from './bounded-expression.ts';
export { emitGroup, emitMatches } from './emit-expression-call.ts';
export { compileLike, type LikePattern, matchLike } from './like-pattern.ts';
export { type CompiledExpression, compileExpression } from './regular-expression.ts';
export { similarToExpression } from './similar-to.ts';
