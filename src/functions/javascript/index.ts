/**
 * Functions that users write in JavaScript: scalar, table and aggregate ones, as definitions like those of the built-ins.
 *
 * Compiles nothing itself and holds no context: realms are a parameter (base: ScriptRealms), handed in by main.
 *
 * Laws
 * - Only primitives cross into a realm; arrays, rows and jsonb as JSON text that is read inside.
 * - What the code throws, returns in the wrong type or does not finish in time is an error of its row.
 * - A signature holds the whole declaration, so that plans and jobs carry code as text and need no catalog.
 *
 * Start reading at script-definitions.ts, then values.ts.
 */
export { createScriptDefinitions } from './script-definitions.ts';
