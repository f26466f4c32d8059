import { type Batch, type Column, keyColumns } from '../../batch/index.ts';
import type { OperatorEnvironment } from '../../spi/index.ts';
import { KeyTtl } from '../shared/index.ts';
import type { TopNSpec } from './spec.ts';

/** When partitions were touched last; null where they stay. */
export function createTtl({ partitionCount, partitionKeyCount, stateTtlMs }: TopNSpec, environment: OperatorEnvironment): KeyTtl | null {
  if (stateTtlMs == null) return null;
  const keyTypes = environment.inputColumns[0]!.slice(0, partitionCount).map((column) => column.type);
  const ttl = new KeyTtl({ keyTypes, partitionKeyCount, ttlMs: stateTtlMs });
  environment.registerState(ttl.state);
  return ttl;
}

export function partitionKeys(batch: Batch, { partitionCount }: TopNSpec): readonly Column[] {
  return keyColumns(
    batch,
    Array.from({ length: partitionCount }, (_, column) => column),
  );
}
