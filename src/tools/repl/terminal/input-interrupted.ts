/** Ctrl-C while a line was awaited: what was typed so far is dropped. */
export class InputInterrupted extends Error {
  override readonly name = 'InputInterrupted';

  constructor() {
    super('canceled by user');
  }
}
