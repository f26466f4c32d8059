const TWO_TO_32 = 0x1_0000_0000;

/**
 * An INT64 as a number. Exact below 2^53, which offsets and timestamps never reach: at a million records a second that is
 * 285 years in one partition.
 */
export function readInt64AsNumber(view: DataView, position: number): number {
  return view.getInt32(position) * TWO_TO_32 + view.getUint32(position + 4);
}

export function writeNumberAsInt64(view: DataView, position: number, value: number): void {
  view.setInt32(position, Math.floor(value / TWO_TO_32));
  view.setUint32(position + 4, value >>> 0);
}
