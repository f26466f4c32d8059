/**
 * Peggy puts all rules, actions and expectations into the function `parse`, as closures that are made anew for every text: some thousand objects for a
 * short statement, and one function so large that V8 spends seconds on optimising it. Here they become parts of the module, made once; what a text
 * sets is set by a small `parse` at the end. The parser cannot be called from its own actions, and says so.
 *
 * Takes the text of a parser made by peggy 5.1; a part that is not found stops the build.
 */
export function hoistParser(generated) {
  const [head, afterHead] = cut(generated, PARSE_HEAD);
  const [constants, afterConstants] = cut(afterHead, TEXT_STATE);
  const [rules, afterRules] = cut(afterConstants, PARSE_BEGIN);
  const end = afterRules.indexOf(PARSE_END);
  if (end < 0) throw new Error(`the parser peggy made has no ${JSON.stringify(PARSE_END)}`);
  return [head, HOISTED_STATE, constants, rules, HOISTED_PARSE, afterRules.slice(end + 3)].join('');
}

/**
 * Looks at the word before anything else in the rules of keywords (`&{ return wordAt(offset()) === '…'; } Word`): most rules of keywords are tried where
 * another word stands.
 */
export function decideKeywordsEarly(generated, words) {
  let text = generated;
  for (const word of words) {
    const begin = text.indexOf(`  function peg$parse${word}() {\n`);
    const behind = text.indexOf('\n  }\n', begin);
    const rule = text.slice(begin, behind);
    const [, locals] = /^(.*\n {4}let s0, s1, s2;\n)/.exec(rule) ?? [];
    const [, expectation] = /peg\$fail\((peg\$e\d+)\); \}\n {4}\}\n\n {4}return s0;$/.exec(rule) ?? [];
    if (begin < 0 || locals === undefined || expectation === undefined) throw new Error(`the rule of ${word} is not as peggy writes it`);
    const check = `
    if (wordAt(peg$currPos) !== '${word.toLowerCase()}') {
      if (peg$silentFails === 0) peg$fail(${expectation});
      return peg$FAILED;
    }
`;
    text = text.slice(0, begin) + locals + check + rule.slice(locals.length) + text.slice(behind);
  }
  return text;
}

function cut(text, separator) {
  const parts = text.split(separator);
  if (parts.length !== 2) throw new Error(`the parser peggy made has ${parts.length - 1} times ${JSON.stringify(separator)}`);
  return parts;
}

const PARSE_HEAD = `function peg$parse(input, options) {
  options = options !== undefined ? options : {};

  const peg$FAILED = {};
  const peg$source = options.grammarSource;
`;

const TEXT_STATE = `  let peg$currPos = options.peg$currPos | 0;
  let peg$savedPos = peg$currPos;
  const peg$posDetailsCache = [{ line: 1, column: 1 }];
  let peg$maxFailPos = peg$currPos;
  let peg$maxFailExpected = options.peg$maxFailExpected || [];
  let peg$silentFails = options.peg$silentFails | 0;

  let peg$result;

  if (options.startRule) {
    if (!(options.startRule in peg$startRuleFunctions)) {
      throw new Error("Can't start parsing from rule \\"" + options.startRule + "\\".");
    }

    peg$startRuleFunction = peg$startRuleFunctions[options.startRule];
  }
`;

const PARSE_BEGIN = `  peg$result = peg$startRuleFunction();
`;

const PARSE_END = '\n}\n\nconst peg$allowedStartRules';

const HOISTED_STATE = `const peg$FAILED = {};
const peg$source = undefined;
let input;
let peg$currPos = 0;
let peg$savedPos = 0;
let peg$posDetailsCache = [];
let peg$maxFailPos = 0;
let peg$maxFailExpected = [];
let peg$silentFails = 0;
`;

const HOISTED_PARSE = `function peg$parse(text, options) {
  if (input !== undefined) throw new Error('an action of the parser called it');
  input = text;
  peg$currPos = 0;
  peg$savedPos = 0;
  peg$posDetailsCache = [{ line: 1, column: 1 }];
  peg$maxFailPos = 0;
  peg$maxFailExpected = [];
  peg$silentFails = 0;
  beginText(text);
  try {
    const result = options === undefined ? peg$startRuleFunction() : peg$startRuleFunctions[options.startRule]();
    if (result !== peg$FAILED && peg$currPos === text.length) return result;
    if (result !== peg$FAILED) peg$fail(peg$endExpectation());
    const isAtEnd = peg$maxFailPos >= text.length;
    const found = isAtEnd ? null : peg$getUnicode(peg$maxFailPos);
    throw peg$buildStructuredError(peg$maxFailExpected, found, peg$computeLocation(peg$maxFailPos, peg$maxFailPos + (isAtEnd ? 0 : 1)));
  } finally {
    input = undefined;
    beginText('');
  }
}
`;
