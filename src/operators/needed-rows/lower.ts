import { printBoundExpression } from '../../expr/index.ts';
import { forwardInput, type NeededRowsTarget, type OperatorNode, type PhysicalPlan, STATELESS } from '../../plan/physical/index.ts';
import { neededRowsSpecCodec } from './spec.ts';

/** The rows that are needed of the input, or, where it only adds rows, enough of them. */
export function neededRowsNode(input: PhysicalPlan, { predicate, enough: wanted }: NeededRowsTarget): OperatorNode {
  const { columns, appendOnly, net, distribution, uniqueKeys, window, latenessMicros, eventTimes = [] } = input;
  const { kind, version, encode } = neededRowsSpecCodec;
  const enough = appendOnly ? wanted : null;
  const names = columns.map(({ name }) => name);
  const facts = [...(enough === null ? [] : [enough]), ...(predicate === null ? [] : [printBoundExpression(predicate, names)])];
  return {
    columns,
    appendOnly,
    net,
    distribution,
    uniqueKeys,
    window,
    latenessMicros,
    eventTimes,
    kind: 'operator',
    operator: { kind, version, parameters: encode({ predicate, enough }), label: ['NeededRows', ...facts].join(' · ') },
    state: STATELESS,
    inputs: [forwardInput(input)],
    parallelism: distribution.kind === 'single' ? 'one' : 'all',
  };
}
