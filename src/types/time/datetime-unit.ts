import { SqlError, SqlState } from '../../base/index.ts';

/** Field names of extract, date_part and date_trunc. */
export type DatetimeUnit =
  | 'microseconds'
  | 'milliseconds'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'dow'
  | 'isodow'
  | 'doy'
  | 'week'
  | 'month'
  | 'quarter'
  | 'year'
  | 'isoyear'
  | 'decade'
  | 'century'
  | 'millennium'
  | 'epoch'
  | 'julian'
  | 'timezone'
  | 'timezone_hour'
  | 'timezone_minute';

const UNIT_NAMES: Record<DatetimeUnit, string> = {
  microseconds: 'us usec usecs usecond useconds microsecond microsecon',
  milliseconds: 'ms msec msecs msecond mseconds millisecond millisecon',
  second: 's sec secs seconds',
  minute: 'm min mins minutes',
  hour: 'h hr hrs hours',
  day: 'd days dayofmonth',
  dow: '',
  isodow: '',
  doy: '',
  week: 'w weeks',
  month: 'mon mons months',
  quarter: 'qtr',
  year: 'y yr yrs years',
  isoyear: '',
  decade: 'dec decs decades',
  century: 'c cent centuries',
  millennium: 'mil mils millennia',
  epoch: '',
  julian: 'j jd',
  timezone: '',
  timezone_hour: 'timezone_h',
  timezone_minute: 'timezone_m',
};

const unitByName = new Map<string, DatetimeUnit>();
for (const [unit, aliases] of Object.entries(UNIT_NAMES) as [DatetimeUnit, string][]) {
  unitByName.set(unit, unit);
  for (const alias of aliases.split(' ')) if (alias !== '') unitByName.set(alias, unit);
}

/** The unit of a name in any case; 22023 when there is none. `typeName` is for the message. */
export function datetimeUnit(name: string, typeName: string): DatetimeUnit {
  const unit = unitByName.get(name.toLowerCase());
  if (unit === undefined) throw unknownUnitError(name, typeName);
  return unit;
}

/** 22023. */
export function unknownUnitError(name: string, typeName: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message: `unit "${name}" not recognized for type ${typeName}` });
}

/** 0A000: the unit exists, but not for this type. */
export function unsupportedUnitError(name: string, typeName: string): SqlError {
  return new SqlError({ code: SqlState.featureNotSupported, message: `unit "${name}" not supported for type ${typeName}` });
}
