const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Whether no object of a valid JSON text has a key twice, at any depth. Parsed documents cannot tell: of two the last has stayed. */
export function hasUniqueKeys(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  let isKey = false;
  for (const [token] of text.matchAll(TOKEN)) {
    switch (token) {
      case '{':
        open.push(new Set());
        isKey = true;
        break;
      case '[':
        open.push(null);
        isKey = false;
        break;
      case '}':
      case ']':
        open.pop();
        isKey = false;
        break;
      case ',':
        isKey = open.at(-1) !== null;
        break;
      case ':':
        isKey = false;
        break;
      default: {
        const keys = isKey ? open.at(-1) : null;
        if (keys == null) break;
        const key = JSON.parse(token) as string;
        if (keys.has(key)) return false;
        keys.add(key);
      }
    }
  }
  return true;
}
