import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import { defineFunction } from '../define-function.ts';

/** The parts of RFC 3986, appendix B, with the authority taken apart. */
const URL_PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const AUTHORITY = /^(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/s;

interface UrlParts {
  readonly protocol: string | null;
  readonly authority: string | null;
  readonly userInfo: string | null;
  readonly host: string | null;
  readonly port: string | null;
  readonly path: string;
  readonly query: string | null;
  readonly fragment: string | null;
}

const SAMPLE = "'https://ada@docs.example.com:8080/a/b.html?x=1&y=two%20words#top'";

const EXTRACTIONS: readonly (readonly [part: string, what: string, get: (url: UrlParts) => string | null, result: string])[] = [
  ['protocol', 'protocol', (url) => url.protocol, 'https'],
  ['host', 'host', (url) => url.host, 'docs.example.com'],
  ['path', 'path', (url) => url.path, '/a/b.html'],
  ['query', 'query, still encoded', (url) => url.query, 'x=1&y=two%20words'],
  ['fragment', 'fragment', (url) => decoded(url.fragment), 'top'],
];

/** Parts of URLs. A text that is no URL, and a part that is not there, give NULL. */
export const urlFunctions: readonly FunctionDefinition[] = [
  ...EXTRACTIONS.map(([part, what, get, result]) =>
    defineFunction<[string]>({
      signature: `url_extract_${part}(text) -> text`,
      family: 'string',
      description: `The ${what} of a URL (as in ksqlDB)`,
      examples: [
        [`url_extract_${part}(${SAMPLE})`, result],
        [`url_extract_${part}(NULL)`, null],
      ],
      evaluate: ([text]) => partOf(text, get),
    }),
  ),
  defineFunction<[string]>({
    signature: 'url_extract_port(text) -> int4',
    family: 'string',
    description: 'The port a URL names, or NULL (as in ksqlDB)',
    examples: [
      [`url_extract_port(${SAMPLE})`, '8080'],
      ["url_extract_port('https://example.com/')", null],
    ],
    evaluate: ([text]) => {
      const port = partOf(text, (url) => url.port);
      return port === null || port === '' || Number(port) > 65_535 ? null : Number(port);
    },
  }),
  defineFunction<[string, string]>({
    signature: 'url_extract_parameter(text, text) -> text',
    family: 'string',
    description: 'The first value of a parameter of a URL, decoded (as in ksqlDB)',
    examples: [
      [`url_extract_parameter(${SAMPLE}, 'y')`, 'two words'],
      [`url_extract_parameter(${SAMPLE}, 'z')`, null],
    ],
    evaluate: ([text, name]) => decoded(partOf(text, (url) => parameterOf(url, name))),
  }),
  defineFunction<[string]>({
    signature: 'url_encode_param(text) -> text',
    family: 'string',
    description: 'The text as it stands in a form or a query of a URL; a blank becomes + (as in ksqlDB)',
    examples: [["url_encode_param('url encoded & more')", 'url+encoded+%26+more']],
    evaluate: ([text]) => encoded(text),
  }),
  defineFunction<[string]>({
    signature: 'url_decode_param(text) -> text',
    family: 'string',
    description: 'The text that was encoded for a URL (as in ksqlDB)',
    examples: [
      ["url_decode_param('url+encoded+%26%20more')", 'url encoded & more'],
      ['url_decode_param(NULL)', null],
    ],
    fallible: true,
    evaluate: ([text]) => {
      const result = decoded(text);
      if (result !== null) return result;
      throw new SqlError({
        code: SqlState.invalidParameterValue,
        message: `"${text}" is not encoded for a URL`,
        hint: 'Write a percent sign as %25.',
      });
    },
  }),
  defineFunction<[string]>({
    signature: 'url_encode(text) -> text',
    family: 'string',
    description: 'The text in the encoding of forms (as in Flink)',
    examples: [["url_encode('a b/ü')", 'a+b%2F%C3%BC']],
    evaluate: ([text]) => encoded(text),
  }),
  defineFunction<[string]>({
    signature: 'url_decode(text) -> text',
    family: 'string',
    description: 'The text that was encoded for a form; NULL where it was not (as in Flink)',
    examples: [
      ["url_decode('a+b%2F%C3%BC')", 'a b/ü'],
      ["url_decode('100%')", null],
    ],
    evaluate: ([text]) => decoded(text),
  }),
  defineFunction<[string, string]>({
    signature: 'parse_url(text, text) -> text',
    family: 'string',
    description: 'A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, AUTHORITY, FILE or USERINFO (as in Flink)',
    examples: [
      [`parse_url(${SAMPLE}, 'HOST')`, 'docs.example.com'],
      [`parse_url(${SAMPLE}, 'FILE')`, '/a/b.html?x=1&y=two%20words'],
      [`parse_url(${SAMPLE}, 'other')`, null],
    ],
    evaluate: ([text, part]) => partOf(text, (url) => namedPart(url, part)),
  }),
  defineFunction<[string, string, string]>({
    signature: 'parse_url(text, text, text) -> text',
    family: 'string',
    description: "parse_url(url, 'QUERY', name): the value of a parameter, still encoded (as in Flink)",
    examples: [
      [`parse_url(${SAMPLE}, 'QUERY', 'y')`, 'two%20words'],
      [`parse_url(${SAMPLE}, 'HOST', 'y')`, null],
    ],
    evaluate: ([text, part, name]) => (part === 'QUERY' ? partOf(text, (url) => parameterOf(url, name)) : null),
  }),
];

function partOf(text: string, get: (url: UrlParts) => string | null): string | null {
  const match = URL_PARTS.exec(text);
  if (match === null || /\s/.test(text)) return null;
  const authority = match[2] === undefined ? null : AUTHORITY.exec(match[2]);
  return get({
    protocol: match[1] ?? null,
    authority: match[2] ?? null,
    userInfo: authority?.[1] ?? null,
    host: authority?.[2] || null,
    port: authority?.[3] ?? null,
    path: match[3]!,
    query: match[4] ?? null,
    fragment: match[5] ?? null,
  });
}

function namedPart(url: UrlParts, part: string): string | null {
  switch (part) {
    case 'HOST':
      return url.host;
    case 'PATH':
      return url.path;
    case 'QUERY':
      return url.query;
    case 'REF':
      return url.fragment;
    case 'PROTOCOL':
      return url.protocol;
    case 'AUTHORITY':
      return url.authority;
    case 'FILE':
      return url.query === null ? url.path : `${url.path}?${url.query}`;
    case 'USERINFO':
      return url.userInfo;
    default:
      return null;
  }
}

function parameterOf(url: UrlParts, name: string): string | null {
  for (const pair of url.query?.split('&') ?? []) {
    const at = pair.indexOf('=');
    if (decoded(at < 0 ? pair : pair.slice(0, at)) === name) return at < 0 ? '' : pair.slice(at + 1);
  }
  return null;
}

/** The encoding of HTML forms: only letters, digits and * - . _ stand for themselves. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** NULL where a percent sign is followed by no byte of UTF-8. */
function decoded(text: string | null): string | null {
  if (text === null) return null;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
