import { closeSync, openSync, readSync } from 'node:fs';

const SAMPLE_BYTES = 64 * 1024 * 1024;
const SLICE_MS = 400;
const LINE_FEED = 10;

/** The first bytes of a file of JSON lines, for measuring J. */
export function readSample(path) {
  const bytes = Buffer.alloc(SAMPLE_BYTES);
  const file = openSync(path, 'r');
  const length = readSync(file, bytes, 0, SAMPLE_BYTES, 0);
  closeSync(file);
  return bytes.subarray(0, bytes.lastIndexOf(LINE_FEED, length - 1) + 1);
}

/** J: events a second of a JSON.parse loop over the sample, by wall clock and by processor time. */
export function measureUnit(sample) {
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  let events = 0;
  let types = 0;
  for (let at = 0, elapsed = 0; elapsed < SLICE_MS; ) {
    const end = sample.indexOf(LINE_FEED, at);
    types += JSON.parse(sample.latin1Slice(at, end)).event_type;
    at = end + 1 < sample.length ? end + 1 : 0;
    if ((++events & 1023) === 0) elapsed = performance.now() - begin;
  }
  if (types === 0) throw new Error('the sample holds no events');
  const cpu = process.cpuUsage(cpuBefore);
  return { wall: (events * 1000) / (performance.now() - begin), cpu: (events * 1e6) / (cpu.user + cpu.system) };
}
