import { displayCommands } from './display-commands.ts';
import { inputOutputCommands } from './input-output-commands.ts';
import { listingCommands } from './list-objects.ts';
import { relationCommands } from './list-relations.ts';
import type { MetaCommand } from './meta-command.ts';
import { sessionCommands } from './session-commands.ts';
import { statementCommands } from './statement-commands.ts';

/** Every backslash command, in the order of help. */
export const metaCommands: readonly MetaCommand[] = [
  ...sessionCommands(() => metaCommands),
  ...statementCommands,
  ...relationCommands,
  ...listingCommands,
  ...displayCommands,
  ...inputOutputCommands,
];

const commandsByName = new Map(metaCommands.flatMap((command) => command.names.map((name) => [name, command] as const)));

export function findMetaCommand(name: string): MetaCommand | undefined {
  return commandsByName.get(name);
}
