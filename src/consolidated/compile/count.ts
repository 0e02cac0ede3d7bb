import { UsageError } from '../../contract/errors.ts';
import type { Plan, Statement } from '../../contract/statement.ts';
import type { CountMethod } from '../typed/read-options.ts';
import { compiled, countCodec, queryPlan, whereClause } from './assemble.ts';
import { checkOptions, oneOf, optionNames } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { compiledPlan } from './plan.ts';
import type { RelationShape } from './relation-shape.ts';
import { statementScope } from './statement-scope.ts';
import { writeWhere } from './where.ts';

/**
 * `planned` and `estimated` need typed rows: EXPLAIN is not available in transaction mode. They are for callers who may
 * see every row; see `assertPlannable`.
 */
export const COUNT_METHODS = ['exact', 'planned', 'estimated'] as const satisfies readonly CountMethod[];

/** Up to this many rows, an `estimated` count is exact. */
export const EXACT_UP_TO = 1000;

export interface CountOptions {
  readonly filters?: unknown;
  /** @defaultValue 'exact' */
  readonly method?: CountMethod | undefined;
}

const KNOWN = optionNames('count', 'filters', 'method', 'cache');

/** Counts the rows of a relation that match. */
export function compileCount(
  context: CompileContext,
  relation: string,
  options: CountOptions = {},
): Compiled {
  checkOptions(options, KNOWN);
  const scope = statementScope(context, relation);
  const { shape, binding } = scope;
  const method = oneOf(options.method, 'method', COUNT_METHODS) ?? 'exact';
  const where = writeWhere(options, scope);
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
  assertPlannable(context, shape);
  const kept =
    context.plans.get(key) ??
    context.plans.set(key, {
      ...headAndRest(estimatePlans(method, filtered, binding.values.length)),
      answer: method === 'planned' ? { kind: 'plan' } : { kind: 'count', total: 'estimated' },
    });
  const [statement, ...further] = estimateStatements([kept.plan, ...kept.further], binding.values, shape);
  return { ...compiled(context, shape, 'count', kept, []), statement: statement!, further };
}

/**
 * Throws UsageError `PLANNED_COUNT_REFUSED` if the caller may see fewer rows than the planner knows of. Its numbers
 * come from all rows of a table: they tell a caller who sees none how many there are, for any filter.
 */
export function assertPlannable({ catalog, role }: CompileContext, { relation }: RelationShape): void {
  if (!relation.mayHideRows || catalog.bypassesRowSecurity(role)) return;
  throw plannedCountRefused();
}

export function plannedCountRefused(): UsageError {
  return new UsageError(
    'A planned or estimated count is not available to this caller: the planner also counts rows that row level security hides.',
    {
      code: 'PLANNED_COUNT_REFUSED',
      hint: "Use an exact count. To bound its cost, select with a 'limit' and count the rows.",
    },
  );
}

const POLICIES_APPLY = compiledPlan('select pg_catalog.row_security_active($1::text)', '', 'read');

function headAndRest(plans: readonly Plan[]): { readonly plan: Plan; readonly further: readonly Plan[] } {
  const [plan, ...further] = plans;
  return { plan: plan!, further };
}

/**
 * Statements for a total from the planner: EXPLAIN, and for `estimated` a count up to a limit before it. The last one
 * asks whether policies apply to the caller now: the catalog may have been read before they were there.
 *
 * @param filtered `from … where …`, all of whose parameters are the first `values` ones
 */
export function estimatePlans(
  method: Exclude<CountMethod, 'exact'>,
  filtered: string,
  values: number,
): readonly Plan[] {
  const explain = compiledPlan(`explain (format json) select 1 ${filtered}`, '', 'read');
  if (method === 'planned') return [explain, POLICIES_APPLY];
  const bounded = `select count(*) from (select 1 ${filtered} limit $${values + 1}::int8) as b`;
  return [queryPlan(bounded, [countCodec], values + 1), explain, POLICIES_APPLY];
}

/** Gives the plans of `estimatePlans` their values. */
export function estimateStatements(
  plans: readonly Plan[],
  values: readonly (string | null)[],
  { target }: RelationShape,
): readonly Statement[] {
  return plans.map((plan, index) => {
    if (plan === POLICIES_APPLY) return { plan, values: [target] };
    return {
      plan,
      values: plans.length === 3 && index === 0 ? [...values, String(EXACT_UP_TO + 1)] : values,
    };
  });
}
