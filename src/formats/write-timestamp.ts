import { civilFromDays, formatTimestamp } from '../types/index.ts';
import type { TextWriter } from './text-writer.ts';

const MICROS_PER_DAY = 86_400_000_000;
/** Years 1 to 9999, whose micros are exact doubles: other timestamps take the long way. */
const PLAIN_MIN = -62_135_596_800_000_000;
const PLAIN_END = 253_402_300_800_000_000;

/** The day last written: rows of a stream mostly lie on one. */
interface LastDay {
  days: number;
  text: Uint8Array;
}

const COLON = 0x3a;
const POINT = 0x2e;

const encoder = new TextEncoder();

/** Writes timestamps as `2024-01-31 10:11:12.5`, with the given separator; micros come as the two words of the slot. */
export class TimestampWriter {
  readonly #separator: string;
  readonly #last: LastDay = { days: Number.NaN, text: new Uint8Array(0) };

  constructor(separator: ' ' | 'T') {
    this.#separator = separator;
  }

  write(out: TextWriter, low: number, high: number): void {
    const micros = high * 4294967296 + (low >>> 0);
    // Doubles are exact to 2^53 micros, some 285 years from 1970.
    if (!Number.isSafeInteger(micros) || micros < PLAIN_MIN || micros >= PLAIN_END) {
      const exact = (BigInt(high) << 32n) | BigInt(low >>> 0);
      out.text(formatTimestamp(exact).replace(' ', this.#separator));
      return;
    }
    const days = Math.floor(micros / MICROS_PER_DAY);
    const text = days === this.#last.days ? this.#last.text : this.#dayText(days);
    out.bytes(text, 0, text.length);
    writeTimeOfDay(out, micros - days * MICROS_PER_DAY);
  }

  #dayText(days: number): Uint8Array {
    const { year, month, day } = civilFromDays(days);
    const pad = (value: number, width: number): string => String(value).padStart(width, '0');
    this.#last.days = days;
    this.#last.text = encoder.encode(`${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}${this.#separator}`);
    return this.#last.text;
  }
}

/** `10:11:12.5`: the fraction without trailing zeros. */
function writeTimeOfDay(out: TextWriter, micros: number): void {
  const seconds = Math.floor(micros / 1_000_000);
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  out.twoDigits(hours);
  out.byte(COLON);
  out.twoDigits(minutes - hours * 60);
  out.byte(COLON);
  out.twoDigits(seconds - minutes * 60);
  let fraction = micros - seconds * 1_000_000;
  if (fraction === 0) return;
  out.byte(POINT);
  for (let unit = 100_000; fraction > 0; unit /= 10) {
    const digit = (fraction / unit) | 0;
    out.byte(0x30 + digit);
    fraction -= digit * unit;
  }
}
