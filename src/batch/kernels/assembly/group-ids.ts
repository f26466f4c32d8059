// A hash table from keys of fixed width to group ids, one for each instance. The twins are the tables of ../../group-index; the layout of the
// configuration is written by ../group-table.ts.
//
// Slot: group + 1 (0 = empty, in a table that is moved out of also REMOVED), a bit for each NULL, then eight bytes for each key column, 0 for a NULL.

const REMOVED: u32 = 0xffffffff;
const NULLS: usize = 4;
const WORDS: usize = 8;

let columnCount: i32 = 0;
let slotBytes: usize = 0;
/** Key columns one behind the other, each with room for a whole chunk, and validity bytes likewise. */
let keys: usize = 0;
let keyBytes: usize = 0;
let valids: usize = 0;
let validBytes: usize = 0;
/** Groups of the rows. */
let groups: usize = 0;
/** Ids to use again before new ones. */
let freeIds: usize = 0;
/** Keys that were new, in columns like `keys`, and their NULL bits. */
let newKeys: usize = 0;
let newNulls: usize = 0;
/** Keys as slots have them. */
let packed: usize = 0;

let slots: usize = 0;
let slotsEnd: usize = 0;
/** A hash's home is its highest bits, so that the keys of one part of a table lie in one part of the next larger table. */
let shift: u64 = 0;
let old: usize = 0;
let oldEnd: usize = 0;
let oldShift: u64 = 0;
/** Up to here the old table has been moved; behind an empty slot, so that no run of probing lies on both sides. */
let moved: usize = 0;

let freeCount: i32 = 0;
let nextId: i32 = 0;
let newCount: i32 = 0;
let newNullBits: u32 = 0;

export function startGroups(config: usize): void {
  columnCount = load<i32>(config);
  keys = load<u32>(config, 4);
  keyBytes = load<u32>(config, 8);
  valids = load<u32>(config, 12);
  validBytes = load<u32>(config, 16);
  groups = load<u32>(config, 20);
  freeIds = load<u32>(config, 24);
  newKeys = load<u32>(config, 28);
  newNulls = load<u32>(config, 32);
  packed = load<u32>(config, 36);
  slotBytes = WORDS + ((<usize>columnCount) << 3);
}

/** Goes on in a table of `slotCount` zeroed slots at `address`, a power of two; the old ones are moved by and by. */
export function enlargeGroups(address: usize, slotCount: u32): void {
  if (old !== 0) moveGroups(<u32>((oldEnd - old) / slotBytes));
  old = slots;
  oldEnd = slotsEnd;
  oldShift = shift;
  moved = old;
  slots = address;
  slotsEnd = address + <usize>slotCount * slotBytes;
  shift = <u64>clz<u32>(slotCount) + 33;
}

/** Moves the next `count` slots of the old table, and what follows without a gap. */
export function moveGroups(count: u32): void {
  if (old === 0) return;
  const wanted = min(oldEnd, moved + <usize>count * slotBytes);
  while (moved < oldEnd && (moved < wanted || load<u32>(moved - slotBytes) !== 0)) {
    const id = load<u32>(moved);
    if (id !== 0 && id !== REMOVED) {
      let at = homeIn(slots, shift, hashOf(moved));
      while (load<u32>(at) !== 0) at = after(at, slots, slotsEnd);
      memory.copy(at, moved, slotBytes);
    }
    moved += slotBytes;
  }
  if (moved === oldEnd) old = 0;
}

export function clearGroups(): void {
  memory.fill(slots, 0, slotsEnd - slots);
  old = 0;
}

/**
 * Groups of `rowCount` keys. Bit c of `nullable` says that column c has validity bytes. New keys get the first of `reusableCount` free ids, then
 * ids from `firstId`; their number is returned. Without `insert` they get -1.
 */
export function groupRows(rowCount: i32, nullable: u32, reusableCount: i32, firstId: i32, insert: bool): i32 {
  freeCount = reusableCount;
  nextId = firstId;
  newCount = 0;
  newNullBits = 0;
  if (columnCount === 1 && nullable === 0) groupWords(rowCount, insert);
  else {
    packRows(rowCount, nullable);
    if (columnCount === 2) groupPacked(rowCount, insert, 2);
    else groupPacked(rowCount, insert, columnCount);
  }
  return newCount;
}

/** All NULL bits of the new keys of the last groupRows. */
export function nullBitsOfNew(): u32 {
  return newNullBits;
}

/** Forgets the key at the start of the packed ones. */
export function removeGroup(): void {
  const hash = hashOf(packed);
  if (old !== 0) {
    const at = findIn(old, oldEnd, homeIn(old, oldShift, hash), packed);
    if (load<u32>(at) !== 0) store<u32>(at, REMOVED);
  }
  let hole = findIn(slots, slotsEnd, homeIn(slots, shift, hash), packed);
  if (load<u32>(hole) === 0) return;
  // Later slots of the run are shifted back, so that no tombstones slow down probing.
  const size = slotsEnd - slots;
  let at = after(hole, slots, slotsEnd);
  while (load<u32>(at) !== 0) {
    const home = homeIn(slots, shift, hashOf(at));
    const fromHome = at >= home ? at - home : at + size - home;
    const fromHole = at >= hole ? at - hole : at + size - hole;
    if (fromHome >= fromHole) {
      memory.copy(hole, at, slotBytes);
      hole = at;
    }
    at = after(at, slots, slotsEnd);
  }
  memory.fill(hole, 0, slotBytes);
}

// @ts-ignore: decorator
@inline
function mixed(hash: u64, word: u64): u64 {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >>> 32);
}

// @ts-ignore: decorator
@inline
function after(at: usize, start: usize, end: usize): usize {
  at += slotBytes;
  return at === end ? start : at;
}

// @ts-ignore: decorator
@inline
function homeIn(start: usize, tableShift: u64, hash: u64): usize {
  return start + <usize>((hash * 0xd6e8feb86659fd93) >>> tableShift) * slotBytes;
}

/** Of the key in a slot. */
// @ts-ignore: decorator
@inline
function hashOf(slot: usize): u64 {
  return hashOfWords(slot, columnCount);
}

// @ts-ignore: decorator
@inline
function hashOfWords(slot: usize, count: i32): u64 {
  let hash = <u64>load<u32>(slot, NULLS);
  for (let index = 0; index < count; index++) hash = mixed(hash, load<u64>(slot + ((<usize>index) << 3), WORDS));
  return hash;
}

// @ts-ignore: decorator
@inline
function sameKey(slot: usize, key: usize, count: i32): bool {
  if (load<u32>(slot, NULLS) !== load<u32>(key, NULLS)) return false;
  for (let index = 0; index < count; index++) {
    const word = (<usize>index) << 3;
    if (load<u64>(slot + word, WORDS) !== load<u64>(key + word, WORDS)) return false;
  }
  return true;
}

/** The slot of the key, or the empty slot where it would go. */
function findIn(start: usize, end: usize, home: usize, key: usize): usize {
  let at = home;
  for (let id = load<u32>(at); id !== 0; id = load<u32>(at)) {
    if (id !== REMOVED && sameKey(at, key, columnCount)) break;
    at = after(at, start, end);
  }
  return at;
}

function groupWords(rowCount: i32, insert: bool): void {
  for (let row = 0; row < rowCount; row++) {
    const word = load<u64>(keys + ((<usize>row) << 3));
    const hash = mixed(0, word);
    let at = slots + (<usize>((hash * 0xd6e8feb86659fd93) >>> shift) << 4);
    let id = load<u32>(at);
    while (id !== 0 && (load<u64>(at, WORDS) !== word || load<u32>(at, NULLS) !== 0)) {
      at += 16;
      if (at === slotsEnd) at = slots;
      id = load<u32>(at);
    }
    if (id === 0) {
      store<u32>(packed, 0, NULLS);
      store<u64>(packed, word, WORDS);
      id = addOrFindOld(packed, hash, at, insert);
    }
    store<u32>(groups + ((<usize>row) << 2), id - 1);
  }
}

// @ts-ignore: decorator
@inline
function groupPacked(rowCount: i32, insert: bool, count: i32): void {
  let key = packed;
  for (let row = 0; row < rowCount; row++) {
    const hash = hashOfWords(key, count);
    let at = homeIn(slots, shift, hash);
    let id = load<u32>(at);
    while (id !== 0 && !sameKey(at, key, count)) {
      at = after(at, slots, slotsEnd);
      id = load<u32>(at);
    }
    if (id === 0) id = addOrFindOld(key, hash, at, insert);
    store<u32>(groups + ((<usize>row) << 2), id - 1);
    key += slotBytes;
  }
}

/** The id, plus one, of a key that is not in the new table; `at` is the empty slot where it belongs. */
function addOrFindOld(key: usize, hash: u64, at: usize, insert: bool): u32 {
  if (old !== 0) {
    const home = homeIn(old, oldShift, hash);
    if (home >= moved) {
      const known = load<u32>(findIn(old, oldEnd, home, key));
      if (known !== 0) return known;
    }
  }
  if (!insert) return 0;
  const id = newCount < freeCount ? load<i32>(freeIds + ((<usize>newCount) << 2)) : nextId++;
  store<u32>(at, <u32>id + 1);
  const nulls = load<u32>(key, NULLS);
  store<u32>(at, nulls, NULLS);
  store<u32>(newNulls + ((<usize>newCount) << 2), nulls);
  newNullBits |= nulls;
  let place = newKeys + ((<usize>newCount) << 3);
  for (let word: usize = WORDS; word < slotBytes; word += 8) {
    store<u64>(at + word, load<u64>(key + word));
    store<u64>(place, load<u64>(key + word));
    place += keyBytes;
  }
  newCount++;
  return <u32>id + 1;
}

function packRows(rowCount: i32, nullable: u32): void {
  const end = packed + <usize>rowCount * slotBytes;
  for (let at = packed; at < end; at += slotBytes) store<u32>(at, 0, NULLS);
  for (let column = 0; column < columnCount; column++) {
    let from = keys + <usize>column * keyBytes;
    let to = packed + WORDS + ((<usize>column) << 3);
    const toEnd = to + <usize>rowCount * slotBytes;
    if ((nullable & (1 << column)) === 0) {
      for (; to < toEnd; to += slotBytes, from += 8) store<u64>(to, load<u64>(from));
      continue;
    }
    let valid = valids + <usize>column * validBytes;
    let nulls = packed + NULLS;
    for (; to < toEnd; to += slotBytes, nulls += slotBytes, from += 8, valid++) {
      const isPresent = load<u8>(valid) !== 0;
      store<u64>(to, isPresent ? load<u64>(from) : 0);
      if (!isPresent) store<u32>(nulls, load<u32>(nulls) | (1 << column));
    }
  }
}
