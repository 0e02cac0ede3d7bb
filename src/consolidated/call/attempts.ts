import { DatabaseError, UsageError } from '../../contract/errors.ts';
import { internalError } from '../../contract/failures.ts';
import type { Batch, StatementReply } from '../../contract/mode.ts';
import { wasNotOpened } from '../../modes/index.ts';
import { isOutdated } from '../catalog/outdated.ts';
import { haveColumnsChanged } from '../values/columns-changed.ts';
import { type Call, known, type Layer } from './call.ts';
import { recompile } from './compilation.ts';
import { uncapped } from './limits.ts';
import { readReplies } from './read-replies.ts';
import type { ReadyStatement } from './ready-statement.ts';
import type { Router } from './router.ts';

/**
 * Last stage of a call that sends one batch, and the only one that always waits: chooses the mode, enters its
 * gate, sends, leaves, reads. One function decides whether to send again.
 */
export function attempts(router: Router): Layer {
  return async (call) => {
    let mayMove = true;
    for (let attempt = 1; ; attempt++) {
      const ready = known(call.ready);
      const { statements } = ready;
      const chosen = router.chooseForBatch(call, call.kind, statements, mayMove);
      const mode = chosen instanceof Promise ? await chosen : chosen;
      const batch = batchOf(call, ready);
      const limits = batch.access === 'write' ? uncapped(call.limits) : call.limits;
      router.enter(call, mode);
      let replies: readonly StatementReply[];
      try {
        replies = await mode.run(batch, limits);
      } catch (error) {
        router.leave(call, mode, error);
        if (!(error instanceof DatabaseError)) {
          throw internalError(error, batch.access === 'write' ? 'unknown' : 'not-applied');
        }
        if (call.isMoved && wasNotOpened(error)) {
          // Nothing was sent. Its own mode was only full, so it waits there, as if the other one had been too.
          mayMove = false;
          attempt -= 1;
          continue;
        }
        if (verdict(ready, error, attempt) === 'give up') throw error;
        await recompile(call, error);
        continue;
      }
      router.leave(call, mode, undefined);
      try {
        const result = readReplies(call, replies, batch.access);
        return result instanceof Promise ? await result : result;
      } catch (error) {
        // Without a new statement there is nothing to be sent that was not sent.
        if (call.ready === ready || verdict(ready, error, attempt) === 'give up') throw error;
      }
    }
  };
}

/**
 * Where the database has changed beneath a compiled statement, it refused it, or answered a read with other columns:
 * nothing was applied, and the statement is compiled once more. Any other error is told to the caller.
 */
function verdict(ready: ReadyStatement<unknown>, error: unknown, attempt: number): 'give up' | 'recompile' {
  const isOurs = ready.statements.every(({ plan }) => plan.origin === 'compiled');
  return attempt === 1 && isOurs && (isOutdated(error) || haveColumnsChanged(error))
    ? 'recompile'
    : 'give up';
}

function batchOf(call: Call, ready: ReadyStatement<unknown>): Batch {
  const { statements, settings } = ready;
  const ownTransactions = Object.hasOwn(ready, 'ownTransactions') ? ready.ownTransactions : undefined;
  const actor = known(call.actor);
  if (ownTransactions === true && actor.kind !== 'service') {
    throw new UsageError("Only service() may use the option 'ownTransactions'.", {
      code: 'SERVICE_ONLY',
    });
  }
  const batch: Batch = {
    actor,
    access: statements.every(isRead) ? 'read' : 'write',
    statements: call.commented?.(statements, known(call.mode).name) ?? statements,
    settings,
    statementTimeoutMs: call.place.catalogs.current?.roleTimeoutMs(actor.role) ?? 0,
    ownTransactions,
  };
  call.batch = batch;
  return batch;
}

function isRead({ plan }: ReadyStatement<unknown>['statements'][number]): boolean {
  return plan.intent === 'read';
}
