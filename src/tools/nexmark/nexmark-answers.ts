import { bidAnswers } from './bid-answers.ts';
import { joinAnswers } from './join-answers.ts';
import { type NexmarkData, readEvents } from './nexmark-data.ts';
import { windowAnswers } from './window-answers.ts';

/** A value of an answer: times and texts as PostgreSQL writes them, numbers as numbers. */
export type Cell = string | number;

/** A query over all events: its rows, in any order. */
export type Answer = (data: NexmarkData) => readonly (readonly Cell[])[];

const answers: Readonly<Record<string, Answer>> = { ...bidAnswers, ...joinAnswers, ...windowAnswers };

/** The rows of each query over the events, by name. q12 is left out: its windows are those of the time of processing, which no definition knows. */
export function answersTo(lines: Iterable<string>): ReadonlyMap<string, readonly (readonly Cell[])[]> {
  const data = readEvents(lines);
  return new Map(Object.entries(answers).map(([query, answer]) => [query, answer(data)]));
}
