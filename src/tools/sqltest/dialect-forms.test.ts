import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../../sql-tests/dialects');

interface Form {
  readonly form: string;
  readonly name: string;
  readonly state: string;
}

/** The rows of the tables in sql-tests/dialects/README.md. */
function listedForms(): Form[] {
  const rows = readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^\| (\w+ \d+) \| (.+?) \| (runs|in part|refused) \|$/gm);
  return [...rows].map(([, form, name, state]) => ({ form: form!, name: name!, state: state! }));
}

interface FormFile extends Form {
  readonly path: string;
  readonly refusals: number;
  readonly results: number;
}

function formFiles(): FormFile[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name: folder }) =>
    readdirSync(join(root, folder))
      .filter((file) => /^\d/.test(file))
      .map((file) => {
        const text = readFileSync(join(root, folder, file), 'utf8');
        const [, form, name] = /^# form: (\w+ \d+) (.+)$/m.exec(text.split('\n', 1)[0]!) ?? [];
        const refusals = [...text.matchAll(/^statement error \w{5}/gm)].length;
        const results = [...text.matchAll(/^(query|output|changes|late)\b/gm)].length;
        const state = refusals === 0 ? 'runs' : results > 0 ? 'in part' : 'refused';
        return { path: `${folder}/${file}`, form: form ?? '', name: name ?? '', refusals, results, state };
      }),
  );
}

test('every form of the table has a file, and every file a form', () => {
  const files = formFiles().map(({ form, name, state }) => `${form} ${name}: ${state}`);
  expect(files.toSorted()).toEqual(
    listedForms()
      .map(({ form, name, state }) => `${form} ${name}: ${state}`)
      .toSorted(),
  );
});

test('a file is called after its form, and stands in the folder of its dialect', () => {
  for (const { path, form, name } of formFiles()) expect(path).toBe(`${form.replace(' ', '/')}-${name.replaceAll(' ', '-')}.slt`);
});

test('forms are numbered without gaps', () => {
  for (const dialect of new Set(listedForms().map(({ form }) => form.split(' ')[0]!))) {
    const forms = listedForms().filter(({ form }) => form.startsWith(`${dialect} `));
    expect(forms.map(({ form }) => Number(form.split(' ')[1]))).toEqual(forms.map((_, index) => index + 1));
  }
});
