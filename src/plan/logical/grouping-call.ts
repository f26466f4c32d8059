/**
 * Signature of the aggregate call that is no aggregate: GROUPING(a, b) tells by a bit for each argument, the last one lowest, whether the
 * row's grouping set leaves it out. Its arguments are grouping expressions of the node.
 */
export const GROUPING_SIGNATURE = 'grouping(variadic any) -> int4';
