import { forwardInput, keyedInput, type OperatorNode, type PhysicalInput, type PhysicalPlan, type SinkTarget } from '../../plan/physical/index.ts';
import { sinkSpecCodec } from './spec.ts';

/** Writes a changelog out; rows of one upsert key go through one subtask, so that their order holds. */
export function sinkNode(input: PhysicalPlan, target: SinkTarget): OperatorNode {
  const connector = target.options.get('connector')!;
  const one = target.oneWriter || input.distribution.kind === 'single';
  return {
    kind: 'operator',
    operator: {
      kind: sinkSpecCodec.kind,
      version: sinkSpecCodec.version,
      parameters: sinkSpecCodec.encode({
        name: target.name,
        connector,
        options: target.options,
        key: target.key,
        changes: target.changes,
        appends: target.appends,
        net: input.net,
      }),
      label: `Sink ${target.name} (${connector})`,
    },
    state: {
      kept: [{ what: 'what is not committed yet', key: [], columns: [], bound: { kind: 'fixed', by: 'the epochs between two checkpoints' } }],
      content: 'input',
    },
    inputs: [routedInput(input, target)],
    parallelism: one ? 'one' : 'all',
    columns: input.columns,
    appendOnly: input.appendOnly,
    net: input.net,
    distribution: one ? { kind: 'single' } : input.distribution,
    uniqueKeys: input.uniqueKeys,
    window: input.window,
    latenessMicros: input.latenessMicros,
  };
}

function routedInput(input: PhysicalPlan, { key, oneWriter }: SinkTarget): PhysicalInput {
  if (oneWriter) return keyedInput(input, []).input;
  return key === null || input.distribution.kind === 'single' ? forwardInput(input) : keyedInput(input, key).input;
}
