import { known, type Layer } from '../call/call.ts';
import { uncapped } from '../call/limits.ts';
import type { Router } from '../call/router.ts';
import { prefixed, runOne } from './own-statement.ts';
import { pinned, roleTimeoutMs } from './pinned.ts';

export interface ExplainTask {
  /** Runs the statement; what it wrote is rolled back. */
  readonly analyze: boolean;
}

/** Last stage of explain(): the plan as Postgres prints it, one line per node. */
export function explaining(router: Router): Layer<ExplainTask> {
  return async (call) => {
    const { statements, settings } = known(call.ready);
    const [statement] = statements;
    const { task } = call;
    // The lines of a plan are no rows of the caller's.
    const limits = uncapped(call.limits);
    const begin = {
      access: statement.plan.intent,
      isolation: 'read committed',
      statementTimeoutMs: roleTimeoutMs(call),
      settings,
    } as const;
    const value = await pinned(call, router, begin, async (transaction) => {
      await transaction.command('savepoint cdb_explain', limits);
      const prefix = task.analyze ? 'explain (analyze, buffers)' : 'explain';
      const reply = await runOne(transaction, prefixed(prefix, statement), limits);
      await transaction.command('rollback to savepoint cdb_explain', limits);
      return reply.form === 'rows' ? reply.rows.map((row) => row[0] ?? '').join('\n') : '';
    });
    return { value, rows: 0 };
  };
}
