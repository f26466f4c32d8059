/**
 * JSON documents as jsonb sees them: exact numbers, ordered members, PostgreSQL's spacing and order. A jsonb datum is the normalised text;
 * functions parse it, work on JsonValue and print it again.
 *
 * Start reading at json-value.ts.
 */
export { formatJson, normaliseJson, parseJson } from './json-text.ts';
export {
  compareJson,
  isJsonArray,
  isJsonObject,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  jsonObject,
  jsonTypeName,
} from './json-value.ts';
