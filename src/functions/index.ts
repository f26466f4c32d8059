/**
 * The built-in functions, operators, casts and table functions, as lists of definitions; aggregates are in ./aggregate.
 *
 * Binds and evaluates nothing: the binder resolves names and types, expr evaluates. Polymorphic parameters have the type `unknown` in
 * argumentTypes and their name in the signature: `any` takes anything; `anyelement` and `anyarray` of one call agree on one
 * element type; `anycompatible` and `anycompatiblearray` are brought to a common type; `record` takes any row. Such functions learn the
 * actual types from evaluate's third argument. A `variadic` last parameter repeats, also no time. SQL's special syntax calls
 * ordinary functions, as in PostgreSQL's parser: extract(field, value), timezone(zone, value), position(whole, part), substring, overlay,
 * btrim/ltrim/rtrim, like_escape, similar_to_escape, array_get and array_slice for subscripts, current_timestamp() and its kin without
 * parentheses.
 *
 * Start reading at scalar/index.ts, then casts/index.ts and function-lookup.ts.
 */
export { aggregateFunctions } from './aggregate/index.ts';
export { casts } from './casts/index.ts';
export { createFunctionLookup } from './function-lookup.ts';
export { createScriptDefinitions } from './javascript/index.ts';
export { scalarFunctions, toJson } from './scalar/index.ts';
export { tableFunctions } from './table/index.ts';
