import { KafkaApi, type KafkaGate, type PassingFrame } from './kafka-gate.ts';

/** A step of the protocol: what of it still happens, and whether it is the request or the answer that is seen. */
export interface CommitStep extends Pick<PassingFrame, 'side' | 'api'> {
  readonly name: string;
  /** The frame seen still gets through. */
  readonly passes: boolean;
}

export const commitSteps: readonly CommitStep[] = [
  { name: 'the checkpoint is durable, no transaction has begun', side: 'request', api: KafkaApi.addPartitionsToTransaction, passes: false },
  { name: 'the transaction has begun, nothing is sent', side: 'answer', api: KafkaApi.addPartitionsToTransaction, passes: false },
  { name: 'some records are on their way', side: 'request', api: KafkaApi.produce, passes: true },
  { name: 'some records have arrived', side: 'answer', api: KafkaApi.produce, passes: false },
  { name: 'all is sent, the commit is not', side: 'request', api: KafkaApi.endTransaction, passes: false },
  { name: 'the commit is sent, nobody knows what came of it', side: 'request', api: KafkaApi.endTransaction, passes: true },
  { name: 'the commit is done, its answer is lost', side: 'answer', api: KafkaApi.endTransaction, passes: false },
  { name: 'the commit is answered, the progress is not recorded', side: 'answer', api: KafkaApi.endTransaction, passes: true },
];
/** Of a sink that goes on after a crash. */
export const recoverySteps: readonly CommitStep[] = [
  { name: 'the recovery asks to shut the old producer out', side: 'request', api: KafkaApi.initProducerId, passes: false },
  { name: 'the old producer is shut out, the marker is not read', side: 'answer', api: KafkaApi.initProducerId, passes: false },
];

/** Resolves when the step is seen by the gate; `then` runs before anything else can happen. */
export function whenSeen(gate: KafkaGate, step: CommitStep, then: () => void): Promise<void> {
  return new Promise((resolve) => {
    gate.watch = ({ side, api }) => {
      if (side !== step.side || api !== step.api) return true;
      gate.watch = () => true;
      then();
      resolve();
      return step.passes;
    };
  });
}
