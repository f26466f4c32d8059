import { nearestNames, SqlError, SqlState } from '../../../base/index.ts';
import type { ExplainStatement } from '../../../sql/index.ts';

/** Options of PostgreSQL about figures that are not printed anyway, of Flink and RisingWave about details that always are. */
const HARMLESS: readonly string[] = [
  ...['costs', 'settings', 'generic_plan', 'buffers', 'wal', 'timing', 'summary', 'memory', 'serialize'],
  ...['estimated_cost', 'trace'],
];
const OTHERS: readonly string[] = [
  ...['format', 'plan_advice', 'json_execution_plan', 'analyze', 'verbose', 'logical', 'physical', 'jobgraph', 'codegen', 'changelog', 'state'],
  ...['watermark'],
];

/** What is asked for beside the stage. */
export interface ExplainOptions {
  readonly json: boolean;
  /** Flink's PLAN_ADVICE: what would bound the state stands below the plan. */
  readonly advice: boolean;
  /** Flink's JSON_EXECUTION_PLAN: the job graph as JSON. */
  readonly executionPlan: boolean;
}

/** Every option is known or refused. Errors: 42601 with the nearest name, 22023 for an unknown format. */
export function explainOptions({ options }: ExplainStatement): ExplainOptions {
  let json = false;
  const found = new Set<string>();
  for (const { key, value, span } of options) {
    if (HARMLESS.includes(key)) continue;
    const position = span.start;
    if (key === 'format') json = isJson(value.text.toLowerCase(), position);
    else if (key === 'plan_advice' || key === 'json_execution_plan') found.add(key);
    else {
      const near = nearestNames(key, [...HARMLESS, ...OTHERS], 1)[0];
      throw new SqlError({
        code: SqlState.syntaxError,
        message: `unrecognized EXPLAIN option "${key}"`,
        hint: near === undefined ? undefined : `Perhaps you meant "${near}".`,
        position,
      });
    }
  }
  const executionPlan = found.has('json_execution_plan');
  return { json: json || executionPlan, advice: found.has('plan_advice'), executionPlan };
}

function isJson(format: string, position: number): boolean {
  if (format === 'json' || format === 'text') return format === 'json';
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `unrecognized value for EXPLAIN option "format": "${format}"`,
    hint: 'Use FORMAT TEXT or FORMAT JSON.',
    position,
  });
}
