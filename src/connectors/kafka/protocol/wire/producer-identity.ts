/** Who the broker believes us to be. With a transactional id the batches belong to that id's open transaction. */
export interface ProducerIdentity {
  readonly transactionalId: string | null;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}
