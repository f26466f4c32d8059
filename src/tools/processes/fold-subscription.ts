/**
 * The content of a relation at every epoch reported as progressed, folded from what `COPY (SUBSCRIBE … WITH (SNAPSHOT, PROGRESS)) TO STDOUT` printed.
 * Throws where a row would be there twice, or less than not at all.
 */
export function foldSubscription(copied: string): Map<string, string[][]> {
  const contents = new Map<string, string[][]>();
  const weights = new Map<string, number>();
  for (const line of copied.split('\n').slice(0, -1)) {
    const [epoch, progressed, diff, ...values] = line.split('\t');
    if (progressed === 't') {
      const present = [...weights].filter(([, weight]) => weight !== 0);
      if (present.some(([, weight]) => weight !== 1)) throw new Error(`weights at epoch ${epoch}: ${JSON.stringify(present)}`);
      contents.set(
        epoch!,
        present.map(([key]) => key.split('\t')),
      );
      continue;
    }
    const key = values.join('\t');
    weights.set(key, (weights.get(key) ?? 0) + Number(diff));
  }
  return contents;
}
