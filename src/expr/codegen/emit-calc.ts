import { CodeBuilder, type JsCode, JsName, js } from '../../base/index.ts';
import type { Column } from '../../batch/index.ts';
import { fitsInt32, type SqlType, storageKind } from '../../types/index.ts';
import type { Expression } from '../expression.ts';
import { expressionColumns } from '../expression-children.ts';
import type { EvaluationContext, FunctionLookup } from '../function-definition.ts';
import type { CalcOutput } from './calc-output.ts';
import { type HoistedColumn, hoistColumn } from './emit-column.ts';
import { convertForm } from './emit-conversion.ts';
import { ExpressionEmitter } from './emit-expression.ts';
import { canonicalForm, type Emitted } from './emitted.ts';

/** Gives a row to the interpreter, which writes it to the outputs at `count` if it belongs there; returns the new count. */
export interface RowInterpretation {
  interpretRow(row: number, count: number): number;
}

/** One pass over a batch: writes kept rows to the outputs and their positions to `selection`; returns how many were kept. */
type CalcLoop = (
  columns: readonly Column[],
  rowCount: number,
  outputs: readonly CalcOutput[],
  selection: Int32Array,
  context: EvaluationContext,
  interpretation: RowInterpretation,
) => number;

export interface EmittedCalc {
  readonly loop: CalcLoop;
  readonly text: string;
}

/** A fixed, documented list: every other name in the generated function has a number behind it. */
const PARAMETERS = ['columns', 'rowCount', 'outputs', 'selection', 'context', 'interpretation'].map((name) => new JsName(name));

/** Generates the fused loop of a filter (its conjuncts, tested in order) and the computed projections. */
export function emitCalc(input: {
  readonly conjuncts: readonly Expression[];
  readonly computed: readonly Expression[];
  readonly inputTypes: readonly SqlType[];
  readonly functions: FunctionLookup;
}): EmittedCalc {
  const builder = new CodeBuilder();
  const [columns, rowCount, outputs, selection, context, interpretation] = PARAMETERS as [JsName, JsName, JsName, JsName, JsName, JsName];
  const used = new Set([...input.conjuncts, ...input.computed].flatMap(expressionColumns));
  const hoisted = new Map<number, HoistedColumn>();
  for (const index of used) hoisted.set(index, hoistColumn(builder, columns, index, input.inputTypes[index]!));
  const stores = input.computed.map((expression, index) => hoistOutput(builder, outputs, index, expression.type));
  const count = builder.let('count', js`0`);
  const row = builder.name('row');
  const rows = builder.name('rows');
  const bail = js`{ ${count} = ${interpretation}.interpretRow(${row}, ${count}); continue ${rows}; }`;
  builder.block(js`${rows}: for (let ${row} = 0; ${row} < ${rowCount}; ${row}++)`, () => {
    const emitter = new ExpressionEmitter({ builder, functions: input.functions, columns: hoisted, row, context, bail });
    for (const conjunct of input.conjuncts) {
      const holds = emitter.emit(conjunct);
      const fails = holds.missing === null ? js`!${holds.code[0]!}` : js`${holds.missing} || !${holds.code[0]!}`;
      builder.if(fails, () => builder.line(js`continue ${rows};`));
    }
    // All values are computed before any is stored: a row that bails out has written nothing.
    const values = input.computed.map((expression) => storable(builder, emitter.emit(expression), bail));
    values.forEach((value, index) => {
      stores[index]!(value, count);
    });
    builder.line(js`${selection}[${count}++] = ${row};`);
  });
  builder.line(js`return ${count};`);
  const loop = builder.compile(PARAMETERS, 'fsql/calc.js') as unknown as CalcLoop;
  return { loop, text: `function calc(${PARAMETERS.map((name) => name.text).join(', ')}) {\n${builder.text()}\n}` };
}

/** Numbers and booleans in their own form; text stays a datum where evaluate made it, the output encodes it. */
function storable(builder: CodeBuilder, value: Emitted, bail: JsCode): Emitted {
  const form = canonicalForm(value.type);
  if (value.form !== 'datum' || form === 'bytes' || form === 'datum') return value;
  return { ...convertForm(builder, value, form, bail), missing: value.missing };
}

type Store = (value: Emitted, count: JsName) => void;

function hoistOutput(builder: CodeBuilder, outputs: JsName, index: number, type: SqlType): Store {
  const output = builder.const('output', js`${outputs}[${index}]`);
  const valid = builder.const('valid', js`${output}.valid`);
  const storage = storageKind(type);
  const array = storage === 'bytes' ? null : builder.const('slots', storage === 'float' ? js`${output}.f64` : js`${output}.i32`);
  const write = (value: Emitted, count: JsName): void => {
    const code = value.code[0]!;
    if (array === null) {
      if (value.form === 'bytes') builder.line(js`${output}.writeBytes(${count}, ${code}, ${value.code[1]!}, ${value.code[2]!});`);
      else if (value.form === 'decimal') builder.line(js`${output}.writeDecimal(${count}, ${code}, ${value.scale!});`);
      else builder.line(js`${output}.writeDatum(${count}, ${code});`);
    } else if (storage === 'float') {
      builder.line(js`${array}[${count}] = ${code};`);
    } else {
      writeInteger(builder, { array, count, code, narrow: fitsInt32(type) });
    }
  };
  return (value, count) => {
    if (value.missing === null) {
      write(value, count);
      return;
    }
    builder.if(
      value.missing,
      () => builder.line(js`${valid}[${count}] = 0; ${output}.nulls = true;`),
      () => write(value, count),
    );
  };
}

function writeInteger(builder: CodeBuilder, target: { array: JsName; count: JsName; code: JsCode; narrow: boolean }): void {
  const { array, count, code, narrow } = target;
  const low = builder.name('low');
  if (narrow) {
    builder.line(js`{ const ${low} = ${code} | 0; ${array}[2 * ${count}] = ${low}; ${array}[2 * ${count} + 1] = ${low} >> 31; }`);
    return;
  }
  const high = builder.name('high');
  builder.line(js`{ const ${low} = ${code}; const ${high} = Math.floor(${low} / 4294967296);`);
  builder.line(js`${array}[2 * ${count}] = ${low} - ${high} * 4294967296; ${array}[2 * ${count} + 1] = ${high}; }`);
}
