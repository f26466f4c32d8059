/** Where input comes from, a line at a time. */
export interface LineSource {
  /** The next line without its line feed, null at the end. The prompt is for those who show one. */
  next(prompt: string): Promise<string | null>;
}

/** Lines of a file or of standard input. */
export function linesOf(chunks: AsyncIterable<string | Uint8Array>): LineSource {
  const lines = readLines(chunks);
  return {
    next: async () => {
      const line = await lines.next();
      return line.done === true ? null : line.value;
    },
  };
}

async function* readLines(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const pieces = text.split('\n');
    for (const piece of pieces.slice(0, -1)) {
      rest.push(piece);
      yield rest.join('').replace(/\r$/, '');
      rest = [];
    }
    rest.push(pieces.at(-1)!);
  }
  const last = rest.join('');
  if (last !== '') yield last;
}
