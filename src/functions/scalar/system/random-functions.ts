import { SqlError, SqlState } from '../../../base/index.ts';
import type { EvaluationContext, FunctionDefinition, RandomSource } from '../../../expr/index.ts';
import { uuidFromBytes } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { actionsOf } from './session-action.ts';

const UUID_BYTES = 16;
const MICROS_PER_MS = 1000n;

/** Functions of chance, from EvaluationContext.random: for statements only, since a view's answer would change with every replay. */
export const randomFunctions: readonly FunctionDefinition[] = [
  defineFunction<[]>({
    signature: 'random() -> float8',
    family: 'system',
    description: 'A number of chance from 0 to less than 1; another one for each row',
    examples: [['random() >= 0 AND random() < 1', 't']],
    volatility: 'volatile',
    fallible: true,
    evaluate: (_args, context) => randomOf(context, 'random').nextFloat(),
  }),
  ...(['gen_random_uuid', 'uuidv4'] as const).map((name) =>
    defineFunction<[]>({
      signature: `${name}() -> uuid`,
      family: 'system',
      description: 'A UUID of chance, of version 4; another one for each row (RFC 9562, 5.4)',
      examples: [[`length(${name}()::text)`, '36']],
      volatility: 'volatile',
      fallible: true,
      evaluate: (_args, context) => randomUuid(randomOf(context, name).bytes(UUID_BYTES)),
    }),
  ),
  defineFunction<[]>({
    signature: 'uuidv7() -> uuid',
    family: 'system',
    description: 'A UUID of the time by the clock and of chance, of version 7; those made later are greater (RFC 9562, 5.7)',
    examples: [
      ['substr(uuidv7()::text, 15, 1)', '7'],
      ['length(uuidv7()::text)', '36'],
    ],
    volatility: 'volatile',
    fallible: true,
    evaluate: (_args, context) => timeUuid(actionsOf(context, 'uuidv7').clockMicros(), randomOf(context, 'uuidv7').bytes(UUID_BYTES)),
  }),
];

function randomOf({ random }: EvaluationContext, name: string): RandomSource {
  if (random !== undefined) return random;
  throw new SqlError({ code: SqlState.featureNotSupported, message: `${name}() cannot be called here: only statements know chance` });
}

/** Milliseconds since 1970 in 48 bits, then the rest of the time in 4096ths of one, then chance. */
function timeUuid(micros: bigint, bytes: Uint8Array): string {
  const own = Uint8Array.from(bytes);
  const fraction = Number(((micros % MICROS_PER_MS) * 4096n) / MICROS_PER_MS);
  const view = new DataView(own.buffer);
  view.setBigUint64(0, ((micros / MICROS_PER_MS) << 16n) | BigInt(0x7000 | fraction));
  own[8] = (own[8]! & 0x3f) | 0x80;
  return uuidFromBytes(own, 0);
}

function randomUuid(bytes: Uint8Array): string {
  const own = Uint8Array.from(bytes);
  own[6] = (own[6]! & 0x0f) | 0x40;
  own[8] = (own[8]! & 0x3f) | 0x80;
  return uuidFromBytes(own, 0);
}
