import { SqlError, SqlState } from '../../base/index.ts';
import { DATE_MAX, DATE_MIN, daysFromCivil, daysInMonth } from './calendar.ts';

/** make_date: a negative year is BC. 22008 where the calendar has no such day. */
export function makeDate(year: number, month: number, day: number): number {
  const astronomical = year < 0 ? year + 1 : year;
  const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(astronomical, month)) throw fieldError('date', text);
  const days = daysFromCivil(astronomical, month, day);
  if (days < DATE_MIN || days > DATE_MAX) {
    throw new SqlError({ code: SqlState.datetimeFieldOverflow, message: `date out of range: ${text}` });
  }
  return days;
}

/** make_time: micros of the day; seconds may have a fraction, 24:00:00 is allowed. */
export function makeTime(hour: number, minute: number, second: number): number {
  const micros = hour * 3_600_000_000 + minute * 60_000_000 + Math.round(second * 1_000_000);
  const valid = hour >= 0 && hour <= 24 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60 && micros <= 86_400_000_000;
  if (!valid) throw fieldError('time', `${hour}:${String(minute).padStart(2, '0')}:${second < 10 ? '0' : ''}${second}`);
  return micros;
}

function fieldError(what: 'date' | 'time', text: string): SqlError {
  return new SqlError({ code: SqlState.datetimeFieldOverflow, message: `${what} field value out of range: ${text}` });
}
