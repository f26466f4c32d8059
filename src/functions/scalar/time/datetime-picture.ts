import { civilFromDays, dayOfWeek, daysFromCivil, formatZoneOffset, type Interval, isoWeek, splitTimestamp, timeZone } from '../../../types/index.ts';

/** What the fields of a picture are taken from: the wall-clock time and, for TZ and OF, its zone. */
export interface PictureInput {
  readonly localMicros: bigint;
  /** Set for an interval: its fields are shown instead of those of a point in time, hours beyond 24 included. */
  readonly interval?: Interval;
  readonly zone: { readonly name: string; readonly offsetSeconds: number } | null;
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const ROMAN = ['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII'];
const PATTERN =
  /"((?:[^"\\]|\\.)*)"|(FM)?(HH24|HH12|HH|MI|SSSSS|SSSS|SS|MS|US|FF[1-6]|AM|PM|A\.M\.|P\.M\.|Y,YYY|YYYY|YYY|YY|Y|IYYY|IYY|IY|IDDD|ID|IW|I|BC|AD|B\.C\.|A\.D\.|MONTH|MON|MM|DAY|DDD|DD|DY|D|WW|W|CC|J|Q|RM|TZH|TZM|TZ|OF)(TH)?/gi;

/** to_char of a timestamp (PostgreSQL, table 9.27): FM suppresses padding, TH adds an ordinal suffix, quoted text is copied. */
export function formatPicture(picture: string, input: PictureInput): string {
  const fields = new PictureFields(input);
  return picture.replace(PATTERN, (_whole, quoted, fillMode, keyword, ordinal) => {
    if (quoted !== undefined) return (quoted as string).replace(/\\(.)/g, '$1');
    const text = fields.text(keyword as string, fillMode !== undefined);
    return ordinal === undefined ? text : text + ordinalSuffix(text, ordinal === 'TH');
  });
}

/** The words of a picture over one input, for pictures that are read once and used for many. */
export class PictureFields {
  readonly #input: PictureInput;
  readonly #days: number;
  readonly #time: number;
  readonly #year: number;
  readonly #month: number;
  readonly #day: number;

  constructor(input: PictureInput) {
    this.#input = input;
    const { days, timeMicros } = splitTimestamp(input.localMicros);
    const { year, month, day } = civilFromDays(days);
    const { interval } = input;
    this.#days = days;
    this.#time = interval === undefined ? timeMicros : Number(interval.micros);
    this.#year = interval === undefined ? year : Math.trunc(interval.months / 12);
    this.#month = interval === undefined ? month : interval.months % 12;
    this.#day = interval === undefined ? day : interval.days;
  }

  text(keyword: string, unpadded: boolean): string {
    const upper = keyword.toUpperCase();
    const name = this.#name(upper);
    if (name !== null) return cased(unpadded || /^(?:MON|DY)$/.test(upper) ? name : name.padEnd(9), keyword);
    const [value, width] = this.#number(upper);
    if (typeof value === 'string') return /^[a-z]/.test(keyword) ? value.toLowerCase() : value;
    return unpadded ? String(value) : value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0');
  }

  #name(keyword: string): string | null {
    switch (keyword) {
      case 'MONTH':
        return MONTHS[this.#month - 1] ?? '';
      case 'MON':
        return (MONTHS[this.#month - 1] ?? '').slice(0, 3);
      case 'DAY':
        return DAYS[dayOfWeek(this.#days)]!;
      case 'DY':
        return DAYS[dayOfWeek(this.#days)]!.slice(0, 3);
      default:
        return null;
    }
  }

  #number(keyword: string): readonly [number | string, number] {
    return this.#clock(keyword) ?? this.#calendar(keyword) ?? this.#zone(keyword);
  }

  #clock(keyword: string): readonly [number | string, number] | null {
    const seconds = Math.floor(this.#time / 1_000_000);
    const hour = Math.floor(seconds / 3600);
    const micros = this.#time % 1_000_000;
    switch (keyword) {
      case 'HH24':
        return [hour, 2];
      case 'HH':
      case 'HH12':
        return [hour % 12 === 0 ? 12 : hour % 12, 2];
      case 'MI':
        return [Math.floor(seconds / 60) % 60, 2];
      case 'SS':
        return [seconds % 60, 2];
      case 'SSSS':
      case 'SSSSS':
        return [seconds, 1];
      case 'MS':
        return [Math.floor(micros / 1000), 3];
      case 'US':
        return [micros, 6];
      case 'AM':
      case 'PM':
        return [hour < 12 ? 'AM' : 'PM', 2];
      case 'A.M.':
      case 'P.M.':
        return [hour < 12 ? 'A.M.' : 'P.M.', 4];
      default: {
        if (!keyword.startsWith('FF')) return null;
        const digits = Number(keyword[2]);
        return [String(micros).padStart(6, '0').slice(0, digits), digits];
      }
    }
  }

  #calendar(keyword: string): readonly [number | string, number] | null {
    const shownYear = this.#year > 0 || this.#input.interval !== undefined ? this.#year : 1 - this.#year;
    const week = isoWeek(this.#days);
    const dayOfYear = this.#days - daysFromCivil(this.#year, 1, 1) + 1;
    switch (keyword) {
      case 'YYYY':
        return [shownYear, 4];
      case 'YYY':
      case 'YY':
      case 'Y':
        return [shownYear % 10 ** keyword.length, keyword.length];
      case 'Y,YYY':
        return [`${Math.floor(shownYear / 1000)},${String(shownYear % 1000).padStart(3, '0')}`, 5];
      case 'IYYY':
        return [week.year, 4];
      case 'IYY':
      case 'IY':
      case 'I':
        return [week.year % 10 ** keyword.length, keyword.length];
      case 'BC':
      case 'AD':
        return [this.#year > 0 ? 'AD' : 'BC', 2];
      case 'B.C.':
      case 'A.D.':
        return [this.#year > 0 ? 'A.D.' : 'B.C.', 4];
      case 'MM':
        return [this.#month, 2];
      case 'DD':
        return [this.#day, 2];
      case 'DDD':
        return [dayOfYear, 3];
      case 'D':
        return [dayOfWeek(this.#days) + 1, 1];
      case 'ID':
        return [((dayOfWeek(this.#days) + 6) % 7) + 1, 1];
      case 'IDDD':
        return [(week.week - 1) * 7 + ((dayOfWeek(this.#days) + 6) % 7) + 1, 3];
      case 'WW':
        return [Math.floor((dayOfYear - 1) / 7) + 1, 2];
      case 'W':
        return [Math.floor((this.#day - 1) / 7) + 1, 1];
      case 'IW':
        return [week.week, 2];
      case 'CC':
        return [this.#year > 0 ? Math.floor((this.#year - 1) / 100) + 1 : -(Math.floor(-this.#year / 100) + 1), 2];
      case 'J':
        return [this.#days + 2_440_588, 1];
      case 'Q':
        return [Math.floor((this.#month - 1) / 3) + 1, 1];
      case 'RM':
        return [(ROMAN[this.#month - 1] ?? '').padEnd(4), 4];
      default:
        return null;
    }
  }

  #zone(keyword: string): readonly [number | string, number] {
    const { zone } = this.#input;
    if (zone === null) return ['', 0];
    const offset = formatZoneOffset(zone.offsetSeconds);
    switch (keyword) {
      case 'TZH':
        return [offset.slice(0, 3), 3];
      case 'TZM':
        return [offset.slice(4, 6).padStart(2, '0'), 2];
      case 'OF':
        return [offset, 3];
      default:
        return [zone.name === 'UTC' || timeZone(zone.name).fixedSeconds === 0 ? 'UTC' : offset, 3];
    }
  }
}

function cased(text: string, keyword: string): string {
  if (keyword === keyword.toUpperCase()) return text.toUpperCase();
  return keyword[0] === keyword[0]!.toUpperCase() ? text : text.toLowerCase();
}

function ordinalSuffix(text: string, upper: boolean): string {
  const number = Number(text);
  const tens = Math.floor(number / 10) % 10;
  const suffix = tens === 1 ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return upper ? suffix.toUpperCase() : suffix;
}
