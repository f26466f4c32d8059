import type { SqlErrorFields } from '../../base/index.ts';
import type { SlotRequest } from './slot-link.ts';
import type { FromSlot, ToSlot } from './slot-messages.ts';

/** From the JobManager to a TaskManager of another process. `link` names one launch of a slot; messages of an earlier one cannot be taken for its own. */
export type ToTaskManager =
  | { readonly kind: 'launch'; readonly link: number; readonly request: SlotRequest }
  | { readonly kind: 'slot'; readonly link: number; readonly message: ToSlot }
  | { readonly kind: 'close'; readonly link: number }
  /** Every TaskManager there is; address null: the JobManager's own process. Those not named any more are gone for good. */
  | { readonly kind: 'peers'; readonly peers: readonly { readonly id: string; readonly address: string | null }[] };

/** From a TaskManager to the JobManager. */
export type FromTaskManager =
  /** The first one: it has heard that it was registered. Whom it would refuse before, it lets in now. */
  | { readonly kind: 'belongs' }
  | { readonly kind: 'slot'; readonly link: number; readonly message: FromSlot }
  | { readonly kind: 'lost'; readonly link: number; readonly error: SqlErrorFields }
  | { readonly kind: 'closed'; readonly link: number }
  | { readonly kind: 'channelLost'; readonly channel: string; readonly error: SqlErrorFields };
