import { SqlError, SqlState, type Storage } from '../../base/index.ts';
import { crc32c } from '../checksum.ts';
import { damagedFile } from '../damage.ts';

const FILE = 'FORMAT';
const TEMPORARY = 'FORMAT.new';
/** Raised whenever an older server could not read what this one writes. */
const FORMAT_VERSION = 4;

export const folders = {
  segments: 'segments',
  snapshots: 'snapshots',
  manifests: 'manifests',
  epochs: 'epochs',
  embedded: 'embedded',
  catalog: 'catalog',
} as const;

/** There while a savepoint is being restored into the directory: what is there may be a part of it. */
export const RESTORING = 'RESTORING';

/** Makes a data directory of an empty one, or checks that this server may use it. Nothing is written before that is known. */
export async function prepareDirectory(storage: Storage, options: { readonly restoring: boolean }): Promise<void> {
  await storage.makeDirectory('');
  if (!options.restoring && (await storage.exists(RESTORING))) throw halfRestored();
  if (!(await storage.exists(FILE))) await createFormat(storage);
  checkFormat(await storage.readAll(FILE));
  for (const folder of Object.values(folders)) if (!(await storage.exists(folder))) await storage.makeDirectory(folder);
  await storage.syncDirectory('');
}

async function createFormat(storage: Storage): Promise<void> {
  const names = (await storage.list('')).filter((name) => !name.startsWith('LOCK') && name !== TEMPORARY && name !== RESTORING);
  if (names.some((name) => name === folders.manifests)) throw damagedFile(FILE, null, 'it is missing');
  if (names.length > 0) {
    throw new SqlError({
      code: SqlState.objectNotInPrerequisiteState,
      message: 'the data directory is not empty and was not made by fsql',
      detail: `It holds "${names[0]}".`,
      hint: 'Name an empty or a new directory.',
      class: 'user',
    });
  }
  if (await storage.exists(TEMPORARY)) await storage.remove(TEMPORARY);
  const file = await storage.open(TEMPORARY, 'create');
  try {
    await file.append(new TextEncoder().encode(formatText(FORMAT_VERSION)));
    await file.sync();
  } finally {
    await file.close();
  }
  await storage.rename(TEMPORARY, FILE);
  await storage.syncDirectory('');
}

function checkFormat(bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  const version = Number(/^fsql data directory, format (\d{1,9}), /.exec(text)?.[1]);
  if (text !== formatText(version)) throw damagedFile(FILE, null, 'it does not fit its checksum');
  if (version === FORMAT_VERSION) return;
  if (version < FORMAT_VERSION) {
    throw new SqlError({
      code: SqlState.objectNotInPrerequisiteState,
      message: 'the data directory was written by an older version of fsql',
      detail: `It has format ${version}, which no release has had; this version reads format ${FORMAT_VERSION}.`,
      hint: 'Start the older version, or name another directory and run the statements again.',
      class: 'user',
    });
  }
  throw new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: 'the data directory was written by a newer version of fsql',
    detail: `It has format ${version}; this version reads format ${FORMAT_VERSION}.`,
    hint: 'Start the newer version, or name another directory.',
    class: 'user',
  });
}

/** A checksum tells a newer version from a damaged digit. */
export function formatText(version: number): string {
  const text = `fsql data directory, format ${version}, checksum `;
  return `${text}${crc32c(new TextEncoder().encode(text)).toString(16).padStart(8, '0')}\n`;
}

function halfRestored(): SqlError {
  return new SqlError({
    code: SqlState.objectNotInPrerequisiteState,
    message: 'the restore of a savepoint into the data directory was not finished',
    hint: 'Start with --from-savepoint again: it begins anew.',
    class: 'user',
  });
}
