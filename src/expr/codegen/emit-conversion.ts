import { type CodeBuilder, type JsCode, type JsName, js } from '../../base/index.ts';
import { decodeValue, encodeValue } from '../../batch/index.ts';
import type { Datum, Decimal, SqlType } from '../../types/index.ts';
import type { EmittedForm, EmittedValue } from '../function-definition.ts';
import { isWideInteger } from './emitted.ts';

const EMPTY_BYTES = new Uint8Array(0);
const SAFE_INTEGER_BIG = BigInt(Number.MAX_SAFE_INTEGER);

/** Declared variables of a form, holding its neutral value: what a lazily computed value is assigned to. */
interface EmittedVariables {
  readonly form: EmittedForm;
  readonly names: readonly JsName[];
}

export function declareVariables(builder: CodeBuilder, form: EmittedForm): EmittedVariables {
  switch (form) {
    case 'boolean':
      return { form, names: [builder.let('flag', js`false`)] };
    case 'number':
      return { form, names: [builder.let('number', js`0`)] };
    case 'datum':
    case 'decimal':
      return { form: 'datum', names: [builder.let('datum', js`null`)] };
    case 'bytes': {
      const empty = builder.capture('empty', EMPTY_BYTES);
      return { form, names: [builder.let('data', js`${empty}`), builder.let('start', js`0`), builder.let('end', js`0`)] };
    }
  }
}

export function assignVariables(builder: CodeBuilder, variables: EmittedVariables, value: EmittedValue): void {
  variables.names.forEach((name, index) => {
    builder.line(js`${name} = ${value.code[index]!};`);
  });
}

/** Code of the value as the interpreter's datum. */
export function toDatumCode(builder: CodeBuilder, value: EmittedValue): JsCode {
  const code = value.code[0]!;
  if (value.form === 'datum' || value.form === 'boolean') return code;
  if (value.form === 'bytes') {
    const decode = builder.capture('decode', datumDecoder(value.type));
    return js`${decode}(${code}, ${value.code[1]!}, ${value.code[2]!})`;
  }
  if (value.form === 'decimal') return js`${builder.capture('makeDecimal', makeDecimal)}(${code}, ${value.scale!})`;
  if (isWideInteger(value.type)) return js`BigInt(${code})`;
  // Adding zero turns the -0 that double arithmetic makes of integers into 0; floats keep theirs.
  return value.type.kind === 'float4' || value.type.kind === 'float8' ? code : js`${code} + 0`;
}

/** The value in another form; a big integer a double cannot hold gives the row to the interpreter. */
export function convertForm(builder: CodeBuilder, value: EmittedValue, form: EmittedForm, bail: JsCode): EmittedValue {
  if (value.form === form) return value;
  const type = value.type;
  if (form === 'datum') return { form, type, code: [js`${builder.const('datum', toDatumCode(builder, value))}`] };
  const datum = value.code[0]!;
  if (form === 'number' && isWideInteger(type)) {
    const limit = builder.capture('safe', SAFE_INTEGER_BIG);
    builder.if(js`${datum} > ${limit} || ${datum} < -${limit}`, () => builder.line(bail));
    return { form, type, code: [js`${builder.const('number', js`Number(${datum})`)}`] };
  }
  if (form === 'bytes') {
    const encode = builder.capture('encode', datumEncoder(type));
    const data = builder.const('data', js`${encode}(${datum})`);
    return { form, type, code: [js`${data}`, js`0`, js`${data}.length`] };
  }
  return { form, type, code: [datum] };
}

function makeDecimal(mantissa: number, scale: number): Decimal {
  return { mantissa: BigInt(mantissa), scale };
}

/** One encoder a type, so that the same capture serves every use. */
const decoders = new Map<string, (data: Uint8Array, start: number, end: number) => Datum>();
const encoders = new Map<string, (value: Datum) => Uint8Array>();

function datumDecoder(type: SqlType): (data: Uint8Array, start: number, end: number) => Datum {
  const key = JSON.stringify(type);
  let decoder = decoders.get(key);
  if (!decoder) {
    decoder = (data, start, end) => decodeValue(type, data, { start, end });
    decoders.set(key, decoder);
  }
  return decoder;
}

function datumEncoder(type: SqlType): (value: Datum) => Uint8Array {
  const key = JSON.stringify(type);
  let encoder = encoders.get(key);
  if (!encoder) {
    encoder = (value) => encodeValue(type, value);
    encoders.set(key, encoder);
  }
  return encoder;
}
