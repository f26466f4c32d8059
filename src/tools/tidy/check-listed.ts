import type { Finding, SourceTree } from './source-tree.ts';

const families = ['operators', 'connectors', 'formats'];

/** A definition nobody lists does not exist: every family member's folder is imported by the family's index.ts. */
export function checkListed(tree: SourceTree): Finding[] {
  const findings: Finding[] = [];
  for (const family of families) {
    const index = tree.byPath.get(`${family}/index.ts`);
    const listed = new Set((index?.imports ?? []).map((edge) => edge.target?.split('/')[1]));
    const members = new Set(
      tree.files.filter((file) => file.path.startsWith(`${family}/`) && file.path.split('/').length > 2).map((file) => file.path.split('/')[1]!),
    );
    for (const member of members) {
      if (member === 'testing' || listed.has(member)) continue;
      const usedInside = tree.files.some(
        (file) =>
          file.path.startsWith(`${family}/`) &&
          file.imports.some((edge) => edge.target?.startsWith(`${family}/${member}/`) && !file.path.startsWith(`${family}/${member}/`)),
      );
      if (!usedInside) findings.push({ path: `${family}/${member}/`, line: 1, message: `is not in ${family}/index.ts` });
    }
  }
  return findings;
}
