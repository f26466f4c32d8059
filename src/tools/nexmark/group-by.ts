/** The items by what `keyOf` says of them, groups and items in the order they appear in. */
export function groupBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string | number): Map<string | number, [Item, ...Item[]]> {
  const groups = new Map<string | number, [Item, ...Item[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
