import type { Clock, Logger, Random } from '../../base/index.ts';
import type { SystemRow } from '../../catalog/index.ts';
import type { Cluster, JobRequest } from '../../cluster/index.ts';
import type { FunctionLookup } from '../../expr/index.ts';
import type { FunctionCatalog, Lowering, PhysicalRoots } from '../../plan/index.ts';
import type {
  AggregateDefinition,
  ConnectorDefinition,
  FormatDefinition,
  Registry,
  ScriptDefinitions,
  TableFunctionDefinition,
} from '../../spi/index.ts';
import type { CatalogLog, EmbeddedLog } from '../../state/index.ts';
import type { ImportStatement } from '../dialect/index.ts';
import type { SavepointPlaces } from './savepoints.ts';
import type { TestControls } from './test-controls.ts';

/** The built-ins an engine works with, as registries: main makes them, nobody else knows what is inside. */
export interface EngineRegistries {
  readonly functions: FunctionCatalog;
  readonly lookup: FunctionLookup;
  readonly aggregates: Registry<AggregateDefinition>;
  readonly tableFunctions: Registry<TableFunctionDefinition>;
  readonly scripts: ScriptDefinitions;
  readonly connectors: Registry<ConnectorDefinition>;
  readonly formats: Registry<FormatDefinition>;
  readonly lowerings: readonly Lowering[];
  readonly roots: PhysicalRoots;
  /** Statements of the dialects that SET sql_dialect imports. */
  readonly importStatement: ImportStatement;
}

/** What an engine is made of; all of it comes from the composition root. */
export interface EngineParts {
  readonly registries: EngineRegistries;
  /** Starts the cluster with the jobs of the catalog, which continue together from the newest checkpoint. Throws UnclaimedState with nothing started. */
  readonly startCluster: (jobs: readonly JobRequest[], options: { readonly countsDropped: boolean }) => Promise<Cluster>;
  /** Of a start whose plans do not read all of the state: what has lost state is built anew. Absent: such a start fails. */
  readonly allowDroppedState?: boolean;
  readonly catalogLog: CatalogLog;
  readonly embeddedLog: EmbeddedLog;
  readonly clock: Clock;
  readonly random: Random;
  /** Bytes nobody can foretell. */
  readonly secretBytes: (count: number) => Uint8Array;
  readonly logger: Logger;
  /** Subtasks of each job: the number of slots. */
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** Off in tests, where event times are whatever the test says. */
  readonly futureSkewGuard: boolean;
  /** Nothing outside is asked: streams have no splits, sinks are not tried. */
  readonly offline: boolean;
  readonly savepoints: SavepointPlaces;
  /** Live sessions as rows of pg_stat_activity; absent where nobody connects. */
  readonly activity?: () => Iterable<SystemRow>;
  /** Absent where time is the machine's. */
  readonly testing?: TestControls | undefined;
  /** Lets `fsql test` bind every external connector to an in-memory one. */
  readonly bindConnector: (options: ReadonlyMap<string, string>) => ReadonlyMap<string, string>;
}
