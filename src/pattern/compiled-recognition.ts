import { compilePattern, type PatternProgram } from './compile-pattern.ts';
import { MatchEvaluator, type PatternEnvironment } from './match-evaluator.ts';
import type { Recognition, RowOrderColumn } from './recognition.ts';

/** MATCH_RECOGNIZE with its columns: what the matcher is made from. */
export interface RecognitionInput {
  readonly recognition: Recognition;
  /** Number of columns of an input row. */
  readonly width: number;
  readonly partitionBy: readonly number[];
  readonly orderBy: readonly RowOrderColumn[];
}

/** Compiled once, used for every partition. */
export interface CompiledRecognition extends RecognitionInput {
  readonly program: PatternProgram;
  readonly evaluator: MatchEvaluator;
  /** `^` occurs, so that it matters whether a row is the first of its partition. */
  readonly asksForStart: boolean;
  /** MATCH_NUMBER() occurs. */
  readonly numbersMatches: boolean;
}

export function compileRecognition(input: RecognitionInput, environment: PatternEnvironment): CompiledRecognition {
  const program = compilePattern(input.recognition.pattern);
  return {
    ...input,
    program,
    evaluator: new MatchEvaluator(input.recognition, input.width, environment),
    asksForStart: program.instructions.some((instruction) => instruction.kind === 'anchor' && instruction.at === 'start'),
    numbersMatches: input.recognition.references.some((reference) => reference.kind === 'match-number'),
  };
}
