/**
 * When a row of an input can match nothing any more, nor be taken back: once `column` (an event time) plus `slackMicros` is below watermark - lateness.
 * A row without time never matches.
 */
export interface Expiry {
  readonly column: number;
  /** Not negative. */
  readonly slackMicros: number;
  /** `epoch`: by the time of epochs instead, of which the column has one. */
  readonly clock?: 'epoch';
}
