import type { LineSource } from '../input/index.ts';

/** Data of COPY FROM STDIN in the lines that follow the statement, up to `\.` or the end of the input. */
export async function* copyLines(source: LineSource, prompt: string): AsyncGenerator<string> {
  for (let line = await source.next(prompt); line !== null && line !== '\\.'; line = await source.next(prompt)) yield `${line}\n`;
}
