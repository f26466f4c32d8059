import type { AdvisoryLock, FunctionDefinition } from '../../../expr/index.ts';
import type { Datum } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { actionsOf, refuseToWait } from './session-action.ts';

const HALF_BITS = 32;

type Key = Pick<AdvisoryLock, 'classId' | 'objectId' | 'subId'>;

/** The two ways to name a lock, which are never the same one. */
const KEYS: readonly {
  readonly types: string;
  readonly example: string;
  readonly released: string;
  readonly key: (args: readonly Datum[]) => Key;
}[] = [
  {
    types: 'int8',
    example: '1',
    released: '7',
    key: ([number]) => ({
      classId: Number(BigInt.asUintN(HALF_BITS, (number as bigint) >> BigInt(HALF_BITS))),
      objectId: Number(BigInt.asUintN(HALF_BITS, number as bigint)),
      subId: 1,
    }),
  },
  {
    types: 'int4, int4',
    example: '1, 2',
    released: '7, 8',
    key: ([first, second]) => ({ classId: (first as number) >>> 0, objectId: (second as number) >>> 0, subId: 2 }),
  },
];

/** One of the four kinds of a lock: the word in the names of its functions, and what the documentation says of it. */
const KINDS: readonly (Pick<AdvisoryLock, 'shared' | 'heldBy'> & { readonly word: string; readonly suffix: string; readonly lock: string })[] = [
  { word: '', suffix: '', shared: false, heldBy: 'session', lock: 'an exclusive advisory lock, held until it is released or the session ends' },
  { word: '', suffix: '_shared', shared: true, heldBy: 'session', lock: 'a shared advisory lock, held until it is released or the session ends' },
  { word: 'xact_', suffix: '', shared: false, heldBy: 'transaction', lock: 'an exclusive advisory lock, held until the transaction ends' },
  { word: 'xact_', suffix: '_shared', shared: true, heldBy: 'transaction', lock: 'a shared advisory lock, held until the transaction ends' },
];

/** PostgreSQL's advisory locks (9.28.10): what migration tools keep each other out with. */
export const advisoryLockFunctions: readonly FunctionDefinition[] = [
  ...KINDS.flatMap((kind) => KEYS.flatMap((form) => [waiting(kind, form), trying(kind, form)])),
  ...KINDS.filter(({ heldBy }) => heldBy === 'session').flatMap((kind) => KEYS.map((form) => releasing(kind, form))),
  defineFunction<[]>({
    signature: 'pg_advisory_unlock_all() -> void',
    family: 'system',
    description: 'Releases every advisory lock of the session; those of the transaction stay until its end',
    examples: [['pg_advisory_unlock_all()', '']],
    volatility: 'volatile',
    asksSession: true,
    fallible: true,
    evaluate: (_args, context) => {
      actionsOf(context, 'pg_advisory_unlock_all').unlockAll();
      return '';
    },
  }),
];

function waiting(kind: (typeof KINDS)[number], form: (typeof KEYS)[number]): FunctionDefinition {
  const name = `pg_advisory_${kind.word}lock${kind.suffix}`;
  return defineFunction<Datum[]>({
    signature: `${name}(${form.types}) -> void`,
    family: 'system',
    description: `Waits for ${kind.lock}`,
    examples: [[`${name}(${form.example})`, '']],
    volatility: 'volatile',
    asksSession: true,
    fallible: true,
    evaluate: refuseToWait(name),
    waitFor: async (args, context) => {
      await actionsOf(context, name).lock({ ...form.key(args), shared: kind.shared, heldBy: kind.heldBy });
      return '';
    },
  });
}

function trying(kind: (typeof KINDS)[number], form: (typeof KEYS)[number]): FunctionDefinition {
  const name = `pg_try_advisory_${kind.word}lock${kind.suffix}`;
  return defineFunction<Datum[]>({
    signature: `${name}(${form.types}) -> bool`,
    family: 'system',
    description: `Whether ${kind.lock}, could be had at once`,
    examples: [[`${name}(${form.example})`, 't']],
    volatility: 'volatile',
    asksSession: true,
    fallible: true,
    evaluate: (args, context) => actionsOf(context, name).tryLock({ ...form.key(args), shared: kind.shared, heldBy: kind.heldBy }),
  });
}

function releasing(kind: (typeof KINDS)[number], form: (typeof KEYS)[number]): FunctionDefinition {
  const name = `pg_advisory_unlock${kind.suffix}`;
  return defineFunction<Datum[]>({
    signature: `${name}(${form.types}) -> bool`,
    family: 'system',
    description: `Releases ${kind.shared ? 'a shared' : 'an exclusive'} advisory lock of the session; false, with a warning, where it has none`,
    examples: [[`${name}(${form.released})`, 'f']],
    volatility: 'volatile',
    asksSession: true,
    fallible: true,
    evaluate: (args, context) => actionsOf(context, name).unlock({ ...form.key(args), shared: kind.shared }),
  });
}
