import type { CastDefinition } from '../../expr/index.ts';
import { outOfRangeError } from '../../types/index.ts';
import { defineCast } from './define-cast.ts';

const OBJECTS = ['regclass', 'regtype', 'regproc', 'regnamespace'] as const;
const OID_END = 2 ** 32;

/** Between oid, the reg* types and integers. */
export const objectCasts: readonly CastDefinition[] = (['oid', ...OBJECTS] as const).flatMap((kind) => [
  ...(['int2', 'int4', 'int8'] as const).map((from) =>
    defineCast<number | bigint>(from, kind, 'implicit', {
      fallible: true,
      convert: (value) => {
        const number = Number(value);
        if (from === 'int8' && (number < 0 || number >= OID_END)) throw outOfRangeError('OID');
        return number < 0 ? number + OID_END : number;
      },
    }),
  ),
  // The bits are kept: oids above 2^31 become negative.
  defineCast<number>(kind, 'int4', 'assignment', { convert: (value) => value | 0 }),
  defineCast<number>(kind, 'int8', kind === 'oid' ? 'implicit' : 'assignment', { convert: (value) => BigInt(value) }),
  ...(kind === 'oid'
    ? OBJECTS.map((to) => defineCast<number>('oid', to, 'implicit', { convert: (value) => value }))
    : [defineCast<number>(kind, 'oid', 'implicit', { convert: (value) => value })]),
]);
