import { SqlError, SqlState } from '../../../../base/index.ts';

/** Where a damaged batch stands. */
export interface BatchPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Bytes of a partition that are not what the producer wrote (XX001). Reading on would lose or invent records, so nobody does. */
export class DamagedBatchError extends SqlError {
  readonly place: BatchPlace;

  constructor(place: BatchPlace, reason: string, cause?: unknown) {
    super({
      code: SqlState.dataCorrupted,
      message: `damaged record batch in Kafka topic "${place.topic}", partition ${place.partition}, offset ${place.offset}`,
      detail: reason,
      class: 'external',
      cause,
    });
    this.name = 'DamagedBatchError';
    this.place = place;
  }
}
