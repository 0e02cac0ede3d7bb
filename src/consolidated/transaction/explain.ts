import { known, type Layer } from '../call/call.ts';
import { uncapped } from '../call/limits.ts';
import { assertAllAnswered } from '../call/read-replies.ts';
import type { Router } from '../call/router.ts';
import { SettledStatements, settingsOfEach } from '../call/statement-settings.ts';
import { prefixed } from './own-statement.ts';
import { pinned, roleTimeoutMs } from './pinned.ts';

export interface ExplainTask {
  /** Runs the statement; what it wrote is rolled back. */
  readonly analyze: boolean;
}

/**
 * Last stage of explain(): the plan as Postgres prints it, one line per node. Of a call with several statements, such as a search
 * by several vectors, one plan behind the other with an empty line between them.
 */
export function explaining(router: Router): Layer<ExplainTask> {
  return async (call) => {
    const ready = known(call.ready);
    const { statements } = ready;
    const settings = settingsOfEach(ready);
    const { task } = call;
    // The lines of a plan are no rows of the caller's.
    const limits = uncapped(call.limits);
    const begin = {
      access: statements[0].plan.intent,
      isolation: 'read committed',
      statementTimeoutMs: roleTimeoutMs(call),
    } as const;
    const value = await pinned(call, router, begin, async (transaction) => {
      const prefix = task.analyze ? 'explain (analyze, buffers)' : 'explain';
      const plans: string[] = [];
      for (const [at, statement] of statements.entries()) {
        await transaction.command('savepoint cdb_explain', limits);
        const settled = new SettledStatements([prefixed(prefix, statement)], [settings[at] ?? []]);
        call.settled = settled;
        const replies = await transaction.run(settled.sent, limits);
        assertAllAnswered(settled.sent.length, replies, 'not-applied');
        const [reply] = settled.answers(replies);
        await transaction.command('rollback to savepoint cdb_explain', limits);
        plans.push(reply?.form === 'rows' ? reply.rows.map((row) => row[0] ?? '').join('\n') : '');
      }
      return plans.join('\n\n');
    });
    return { value, rows: 0 };
  };
}
