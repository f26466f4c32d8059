import { type Clock, silentLogger } from '../../base/index.ts';
import type { FunctionLookup } from '../../expr/index.ts';
import { aggregateFunctions } from '../../functions/aggregate/index.ts';
import { tableFunctions } from '../../functions/table/index.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import {
  type AggregateDefinition,
  type ConnectorDefinition,
  type FormatDefinition,
  type OperatorEnvironment,
  type ReadableRelation,
  Registry,
  type RowError,
  type SinkProgress,
  type StateTable,
  type TableFunctionDefinition,
} from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';

/** What an operator has told its surroundings. */
export interface Observed {
  readonly tables: StateTable[];
  readonly relations: Map<string, ReadableRelation>;
  readonly rowErrors: RowError[];
  readonly sinkProgress: SinkProgress[];
  /** How often it has had enough. */
  enough: number;
}

export interface TestEnvironmentOptions {
  readonly inputs: readonly (readonly SqlType[])[];
  readonly appendOnly?: boolean;
  readonly batchRows?: number;
  readonly functions?: FunctionLookup;
  readonly connectors?: readonly ConnectorDefinition[];
  readonly formats?: readonly FormatDefinition[];
  readonly nowMicros?: bigint;
  /** In the place of one that stands still. */
  readonly clock?: Clock;
  readonly startEpoch?: number;
  readonly showsRestored?: boolean;
}

const noFunctions: FunctionLookup = {
  function: (signature) => {
    throw new Error(`no function ${signature} in this test`);
  },
  cast: () => {
    throw new Error('no casts in this test');
  },
};

/** An environment for one operator, and a record of what it registers and reports. */
export function testEnvironment(options: TestEnvironmentOptions): { readonly environment: OperatorEnvironment; readonly observed: Observed } {
  const observed: Observed = { tables: [], relations: new Map(), rowErrors: [], sinkProgress: [], enough: 0 };
  const nowMicros = options.nowMicros ?? 0n;
  const clock: Clock = options.clock ?? {
    nowMicros: () => nowMicros,
    monotonicMs: () => 0,
    after: () => ({ cancel: () => undefined }),
    every: () => ({ cancel: () => undefined }),
  };
  const environment: OperatorEnvironment = {
    subtaskIndex: 0,
    parallelism: 1,
    maxParallelism: 128,
    keyGroups: { first: 0, last: 127 },
    startEpoch: options.startEpoch ?? 0,
    startMicros: 0n,
    showsRestored: options.showsRestored ?? false,
    inputColumns: options.inputs.map((types) => types.map((type, index): EdgeColumn => ({ name: `c${index}`, type }))),
    inputAppendOnly: options.inputs.map(() => options.appendOnly ?? false),
    functions: options.functions ?? noFunctions,
    aggregates: new Registry<AggregateDefinition>(aggregateFunctions, (definition) => definition.signature),
    tableFunctions: new Registry<TableFunctionDefinition>(tableFunctions, (definition) => definition.signature),
    connectors: new Registry<ConnectorDefinition>(options.connectors ?? [], (definition) => definition.name),
    formats: new Registry<FormatDefinition>(options.formats ?? [], (definition) => definition.name),
    clock,
    logger: silentLogger,
    interpreted: false,
    batchRows: options.batchRows ?? 7,
    embeddedReader: () => {
      throw new Error('no embedded log in this test');
    },
    tableDelivery: () => {
      throw new Error('no stored tables in this test');
    },
    wake: () => undefined,
    registerState: (table) => observed.tables.push(table),
    spillRoom: () => ({
      bytesMax: () => Number.POSITIVE_INFINITY,
      openScratch: () => {
        throw new Error('nothing spills in this test');
      },
      registerState: (table) => observed.tables.push(table),
    }),
    publishRelation: (relation, readable) => observed.relations.set(relation, readable),
    reportRowError: (failure) => observed.rowErrors.push(failure),
    reportSink: (progress) => observed.sinkProgress.push(progress),
    reportEnough: () => {
      observed.enough++;
    },
  };
  return { environment, observed };
}
