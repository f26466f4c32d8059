import { type CodeBuilder, type JsCode, type JsName, js } from '../../base/index.ts';
import { readDatum } from '../../batch/index.ts';
import { fitsInt32, type SqlType, storageKind } from '../../types/index.ts';
import { canonicalForm, type Emitted } from './emitted.ts';

/** Arrays of one input column, hoisted in front of the loop. */
export interface HoistedColumn {
  readonly type: SqlType;
  readonly column: JsName;
  readonly valid: JsName;
  /** i32, f64, or data, starts, ends, or none, by the way the type is read. */
  readonly arrays: readonly JsName[];
}

export function hoistColumn(builder: CodeBuilder, columns: JsName, index: number, type: SqlType): HoistedColumn {
  const column = builder.const('column', js`${columns}[${index}]`);
  const valid = builder.const('valid', js`${column}.valid`);
  const form = canonicalForm(type);
  if (form === 'datum') return { type, column, valid, arrays: [] };
  if (form === 'bytes') {
    const data = builder.const('data', js`${column}.data`);
    const starts = builder.const('starts', js`${column}.starts`);
    return { type, column, valid, arrays: [data, starts, builder.const('ends', js`${column}.ends`)] };
  }
  return { type, column, valid, arrays: [builder.const('slots', storageKind(type) === 'float' ? js`${column}.f64` : js`${column}.i32`)] };
}

/** Reads one row of a column. A 64-bit integer a double cannot hold gives the row to the interpreter. */
export function emitColumn(builder: CodeBuilder, hoisted: HoistedColumn, row: JsName, bail: JsCode): Emitted {
  const { type, column, valid, arrays } = hoisted;
  const missing = js`${builder.const('missing', js`${valid} !== null && ${valid}[${row}] === 0`)}`;
  const form = canonicalForm(type);
  const value = (code: readonly JsCode[]): Emitted => ({ form, type, code, missing });
  if (form === 'datum') {
    const read = builder.capture('readDatum', readDatum);
    return value([js`${builder.const('datum', js`${read}(${column}, ${row})`)}`]);
  }
  if (form === 'bytes') {
    const start = builder.const('start', js`${arrays[1]!}[${row}]`);
    return value([js`${arrays[0]!}`, js`${start}`, js`${builder.const('end', js`${arrays[2]!}[${row}]`)}`]);
  }
  const slots = arrays[0]!;
  if (form === 'boolean') return value([js`${builder.const('flag', js`${slots}[2 * ${row}] !== 0`)}`]);
  if (storageKind(type) === 'float') return value([js`${builder.const('number', js`${slots}[${row}]`)}`]);
  if (fitsInt32(type)) return value([js`${builder.const('number', js`${slots}[2 * ${row}]`)}`]);
  const high = builder.const('high', js`${slots}[2 * ${row} + 1]`);
  // 22 bits of the high word and the low word make 54-bit two's complement: exactly the integers a double holds.
  builder.if(js`${high} !== (${high} << 10) >> 10`, () => builder.line(bail));
  return value([js`${builder.const('number', js`${high} * 4294967296 + (${slots}[2 * ${row}] >>> 0)`)}`]);
}
