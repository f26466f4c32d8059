import { assert } from '../../base/index.ts';
import type { Barrier, Batch } from '../../batch/index.ts';
import type { OperatorSpec } from '../../jobgraph/index.ts';
import type { Operator, Output } from '../../spi/index.ts';
import { storageKind } from '../../types/index.ts';

/**
 * Checks around an operator: width and storage of what it emits, no weight 0, no weights where it promised none, barriers and watermarks
 * in order. Weights are scanned only when `thorough`, since that costs a pass over each batch.
 */
export function checkedOperator(operator: Operator, spec: OperatorSpec, thorough: boolean): Operator {
  const name = `${spec.label} (${spec.operatorId})`;
  const checkBatch = checkerOf(spec, name, thorough);
  const outputs = new WeakMap<Output, Output>();
  const around = (out: Output): Output => {
    let checked = outputs.get(out);
    if (checked === undefined) {
      checked = {
        emit: (batch) => {
          checkBatch(batch);
          out.emit(batch);
        },
      };
      outputs.set(out, checked);
    }
    return checked;
  };
  let lastEpoch = Number.NEGATIVE_INFINITY;
  let lastWatermark: bigint | null = null;
  let finished = false;
  const checked: Operator = {
    processBatch: (input, batch, out) => {
      assert(!finished, `${name} gets rows behind its last barrier`);
      operator.processBatch(input, batch, around(out));
    },
    processWatermark: (micros, out) => {
      assert(lastWatermark === null || micros > lastWatermark, `watermark of ${name} went back`);
      lastWatermark = micros;
      operator.processWatermark?.(micros, around(out));
    },
    processBarrier: (barrier: Barrier, out) => {
      assert(!finished && barrier.epoch > lastEpoch, `${name} gets barrier ${barrier.epoch} after ${lastEpoch}`);
      lastEpoch = barrier.epoch;
      finished = barrier.last;
      operator.processBarrier?.(barrier, around(out));
    },
    continueBarrier: (barrier, out) => operator.continueBarrier?.(barrier, around(out)) ?? 'done',
    spillMs: () => operator.spillMs?.() ?? 0,
    ready: () => operator.ready?.() ?? true,
    barrierReady: (barrier) => operator.barrierReady?.(barrier) ?? true,
    checkpointCommitted: (epoch) => operator.checkpointCommitted?.(epoch),
    close: () => operator.close?.(),
  };
  return checked;
}

/** The check of what an operator emits, by its declared output. */
function checkerOf(spec: OperatorSpec, name: string, thorough: boolean): (batch: Batch) => void {
  const kinds = spec.outputColumns.map((column) => storageKind(column.type));
  return (batch) => {
    assert(batch.columns.length === kinds.length, `${name} emits ${batch.columns.length} columns, ${kinds.length} declared`);
    for (let index = 0; index < kinds.length; index++) {
      assert(
        batch.columns[index]!.storage === kinds[index],
        `${name} emits ${batch.columns[index]!.storage} in column ${index}, ${kinds[index]} declared`,
      );
    }
    if (batch.weights === null) return;
    assert(
      !spec.outputAppendOnly || !thorough || !batch.weights.subarray(0, batch.rowCount).some((weight) => weight <= 0),
      `${name} retracts, declared append-only`,
    );
    if (thorough) for (let row = 0; row < batch.rowCount; row++) assert(batch.weights[row] !== 0, `${name} emits weight 0`);
  };
}
