import type { Plan, Statement } from '../../contract/statement.ts';
import type { CountMethod } from '../typed/read-options.ts';
import { compiled, countCodec, queryPlan, whereClause } from './assemble.ts';
import { Binding } from './binding.ts';
import { checkOptions, oneOf, optionNames } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { compiledPlan } from './plan.ts';
import { relationShape } from './relation-shape.ts';
import { writeWhere } from './where.ts';

/**
 * `planned` and `estimated` need typed rows: EXPLAIN is not available in transaction mode. The planner's estimate is for
 * this caller, with policies applied. No method uses the stored size of whole tables: it
 * would reveal rows that policies hide.
 */
export const COUNT_METHODS = ['exact', 'planned', 'estimated'] as const satisfies readonly CountMethod[];

/** Up to this many rows, an `estimated` count is exact. */
export const EXACT_UP_TO = 1000;

export interface CountOptions {
  readonly filters?: unknown;
  /** @defaultValue 'exact' */
  readonly method?: CountMethod | undefined;
}

const KNOWN = optionNames('count', 'filters', 'method');

/** Counts the rows of a relation that match. */
export function compileCount(
  context: CompileContext,
  relation: string,
  options: CountOptions = {},
): Compiled {
  checkOptions(options, KNOWN);
  const shape = relationShape(context.catalog, context.schema, relation);
  const method = oneOf(options.method, 'method', COUNT_METHODS) ?? 'exact';
  const binding = new Binding();
  const where = writeWhere(options.filters, { catalog: context.catalog, shape, binding });
  const key = `count ${shape.key} ${method}\n${where}`;
  const filtered = `from ${shape.target} as t${whereClause(where)}`;
  if (method === 'exact') {
    const kept =
      context.plans.get(key) ??
      context.plans.set(key, {
        plan: queryPlan(`select count(*) ${filtered}`, [countCodec], binding.values.length),
        further: [],
        answer: { kind: 'count' },
      });
    return compiled(context, shape, 'count', kept, binding.values);
  }
  const kept =
    context.plans.get(key) ??
    context.plans.set(key, {
      ...headAndRest(estimatePlans(method, filtered, binding.values.length)),
      answer: method === 'planned' ? { kind: 'plan' } : { kind: 'count', total: 'estimated' },
    });
  const [statement, ...further] = estimateStatements([kept.plan, ...kept.further], binding.values);
  return { ...compiled(context, shape, 'count', kept, []), statement: statement!, further };
}

function headAndRest(plans: readonly Plan[]): { readonly plan: Plan; readonly further: readonly Plan[] } {
  const [plan, ...further] = plans;
  return { plan: plan!, further };
}

/**
 * Statements for a total from the planner: EXPLAIN, and for `estimated` a count up to a limit before it.
 *
 * @param filtered `from … where …`, all of whose parameters are the first `values` ones
 */
export function estimatePlans(
  method: Exclude<CountMethod, 'exact'>,
  filtered: string,
  values: number,
): readonly Plan[] {
  const explain = compiledPlan(`explain (format json) select 1 ${filtered}`, '', 'read');
  if (method === 'planned') return [explain];
  const bounded = `select count(*) from (select 1 ${filtered} limit $${values + 1}::int8) as b`;
  return [queryPlan(bounded, [countCodec], values + 1), explain];
}

/** Gives the plans of `estimatePlans` their values. */
export function estimateStatements(
  plans: readonly Plan[],
  values: readonly (string | null)[],
): readonly Statement[] {
  return plans.map((plan, index) => ({
    plan,
    values: plans.length === 2 && index === 0 ? [...values, String(EXACT_UP_TO + 1)] : values,
  }));
}
