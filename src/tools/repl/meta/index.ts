/**
 * The backslash commands: each a definition with its names, its line of help and what it does.
 *
 * They see the terminal through MetaContext and the database through SQL over the catalog relations, nothing else.
 *
 * Start reading at meta-command.ts, then meta-commands.ts. Reference: PostgreSQL documentation, psql, "Meta-Commands".
 */
export { CommandError, type CommandOutcome, type CopyEnds, type MetaContext } from './meta-command.ts';
export { findMetaCommand, metaCommands } from './meta-commands.ts';
