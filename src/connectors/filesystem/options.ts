import { SqlError, SqlState } from '../../base/index.ts';
import type { OptionDefinition, Split } from '../../spi/index.ts';

export const filesystemOptions: readonly OptionDefinition[] = [
  {
    name: 'path',
    type: 'text',
    required: true,
    description: 'A file, or a folder whose files are read in the order of their names; a sink writes a folder.',
  },
  {
    name: 'csv.header',
    type: 'boolean',
    default: 'false',
    description: 'The first line of each CSV file names the columns and is left out; a sink writes it.',
  },
];

/** The path option, with file:// taken off. Errors: 22023. */
export function pathOption(options: ReadonlyMap<string, string>): string {
  const path = options.get('path');
  if (path === undefined || path === '')
    throw new SqlError({ code: SqlState.invalidParameterValue, message: 'option "path" is required by connector "filesystem"' });
  return path.replace(/^file:\/\//, '');
}

export function hasHeader(options: ReadonlyMap<string, string>): boolean {
  return options.get('csv.header') === 'true';
}

/** Lines that were there when the splits were listed are gone. */
export function truncatedError({ parameters: { path }, end }: Split): SqlError {
  return new SqlError({
    code: SqlState.ioError,
    message: `file "${path}" has become shorter: it had ${end} bytes to read when the stream was made`,
    hint: 'Drop the stream and make it again over the file as it is now.',
    class: 'external',
  });
}

/** The machine's error as one a user can act on. */
export function fileError(error: unknown, path: string): SqlError {
  if (error instanceof SqlError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT')
    return new SqlError({ code: SqlState.undefinedFile, message: `could not open file "${path}": No such file or directory`, cause: error });
  if (code === 'EACCES')
    return new SqlError({ code: SqlState.insufficientPrivilege, message: `could not open file "${path}": Permission denied`, cause: error });
  if (code === 'ENOSPC')
    return new SqlError({
      code: SqlState.diskFull,
      message: `could not write file "${path}": No space left on device`,
      class: 'external',
      cause: error,
    });
  return new SqlError({
    code: SqlState.ioError,
    message: `file "${path}": ${error instanceof Error ? error.message : String(error)}`,
    class: 'external',
    cause: error,
  });
}
