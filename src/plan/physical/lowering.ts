import type { Relation } from '../../catalog/index.ts';
import type { FunctionLookup } from '../../expr/index.ts';
import type { AggregateDefinition, LookupSettings, Registry, TableFunctionDefinition } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { EmitMode, LogicalPlan } from '../logical/index.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/** What a lowering may ask. */
export interface LoweringContext {
  readonly emit: EmitMode;
  readonly functions: FunctionLookup;
  readonly aggregates: Registry<AggregateDefinition>;
  tableFunction(name: string, argumentTypes: readonly SqlType[]): TableFunctionDefinition;
  /** How a relation is looked up in the system that keeps it; null where it cannot be. */
  lookedUp(relation: Relation): LookupSettings | null;
  /** For how long an operator that reads the plan keeps what is not touched; null: for ever. */
  stateTtl(plan: LogicalPlan): number | null;
  /** Lowers a child. */
  lower(plan: LogicalPlan): PhysicalPlan;
}

/**
 * The planning half of an operator: which logical pattern it implements. Null: not this pattern. Asked in registry order, first answer wins. A
 * pattern it recognises but cannot run is a SqlError 0A000 with the nearest thing that works.
 */
export interface Lowering {
  readonly operator: string;
  lower(plan: LogicalPlan, context: LoweringContext): PhysicalPlan | null;
}
