import { DatabaseError, UsageError } from '../../contract/errors.ts';
import { internalError } from '../../contract/failures.ts';
import type { Batch, ModeName, StatementReply } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import { wasNotOpened } from '../../modes/index.ts';
import { isOutdated } from '../catalog/outdated.ts';
import type { FailedBatch, Retries } from '../resilience/retries.ts';
import { isUnfitting } from '../values/columns-changed.ts';
import { type Call, known, type Layer } from './call.ts';
import { recompile } from './compilation.ts';
import { uncapped } from './limits.ts';
import { readReplies } from './read-replies.ts';
import type { CallResult, ReadyStatement } from './ready-statement.ts';
import type { Router } from './router.ts';
import { runKeyed } from './run-keyed.ts';
import { SettledStatements } from './statement-settings.ts';

/**
 * Last stage of a call that sends one batch, and the only one that always waits: chooses the mode, enters its
 * gate, sends, leaves, reads. One function decides whether to send again.
 *
 * @param retries undefined where nothing is sent again for a fault of the way
 */
export function attempts(router: Router, retries?: Retries): Layer {
  if (retries === undefined) return (call) => sent(router, call);
  return (call) => {
    retries.counted();
    return sent(router, call, retries);
  };
}

/** @param retries undefined in a retry, whose failures are for those who sent it */
async function sent(router: Router, call: Call, retries?: Retries): Promise<CallResult> {
  let mayMove = true;
  for (let attempt = 1; ; attempt++) {
    const ready = known(call.ready);
    const { statements } = ready;
    const mode = router.chooseForBatch(call, call.kind, statements, mayMove);
    const batch = batchOf(call, ready);
    const limits = batch.access === 'write' ? uncapped(call.limits) : call.limits;
    router.enter(call, mode);
    let replies: readonly StatementReply[];
    try {
      const check = router.checked(call, mode);
      if (check !== undefined) {
        await check;
        if (mayMove && router.isTaken(call, mode)) {
          // Others that waited for the check have filled it meanwhile.
          attempt -= 1;
          continue;
        }
      }
      replies = await (own(batch, 'claim') === undefined
        ? mode.run(batch, limits)
        : runKeyed(mode, batch, known(ready.keyed), limits));
      if (call.settled !== undefined) replies = call.settled.answers(replies);
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
      const failed = failedBatch(call, batch, mode.name);
      switch (verdict(ready, error, attempt, failed, retries)) {
        case 'give up':
          throw error;
        case 'retry':
          return known(retries).follow(failed, error, () => sent(router, call));
        case 'recompile':
          await recompile(call, error);
          if (!mayDiffer(known(call.ready), error)) throw error;
      }
      continue;
    }
    router.leave(call, mode, undefined);
    try {
      const result = readReplies(call, replies, batch.access);
      return result instanceof Promise ? await result : result;
    } catch (error) {
      // Without a new statement there is nothing to be sent that was not sent.
      if (call.ready === ready || verdict(ready, error, attempt) !== 'recompile') throw error;
    }
  }
}

/**
 * The only place that decides whether a batch is sent again.
 *
 * - `recompile`: the database has changed beneath a compiled statement. It refused it, or answered a read with other columns:
 *   nothing was applied.
 * - `retry`: the way failed, and to send it again can apply nothing twice. Never after the reply to it came.
 */
function verdict(
  ready: ReadyStatement<unknown>,
  error: unknown,
  attempt: number,
  failed?: FailedBatch,
  retries?: Retries,
): 'give up' | 'recompile' | 'retry' {
  const isOurs = ready.statements.every(({ plan }) => plan.origin === 'compiled');
  const isChanged =
    isOutdated(error) ||
    isUnfitting(error) ||
    isWriteOfRead(ready, error) ||
    isOverLimit(ready, error) ||
    isKeyRefused(ready, error);
  if (attempt === 1 && isOurs && isChanged) return 'recompile';
  return failed !== undefined && retries?.allows(failed, error) === true ? 'retry' : 'give up';
}

function failedBatch({ limits, isKeyed }: Call, { actor, access }: Batch, mode: ModeName): FailedBatch {
  return { limits, access, isKeyed, mode, actor };
}

/** False where the error is what the statement says of itself, by the new catalog too. */
function mayDiffer(ready: ReadyStatement<unknown>, error: unknown): boolean {
  if (isWriteOfRead(ready, error)) return !ready.statements.every(isRead);
  return !isOverLimit(ready, error);
}

/** A function that was stable when the catalog was read, and writes. */
function isWriteOfRead({ kind }: ReadyStatement<unknown>, error: unknown): boolean {
  return (
    kind !== 'select' && kind !== 'count' && error instanceof DatabaseError && error.code === 'READ_ONLY'
  );
}

/** More rows of a unique key than any read may return: it is none any more. */
function isOverLimit(ready: ReadyStatement<unknown>, error: unknown): boolean {
  return (
    own(ready, 'isUnlimited') === true && error instanceof DatabaseError && error.code === 'RESULT_TOO_LARGE'
  );
}

/** The role may have lost its right on a key, without which the statement can be made too. */
function isKeyRefused(ready: ReadyStatement<unknown>, error: unknown): boolean {
  return (
    own(ready, 'readsKey') === true &&
    error instanceof DatabaseError &&
    error.outcome === 'not-applied' &&
    error.sqlState === '42501'
  );
}

function batchOf(call: Call, ready: ReadyStatement<unknown>): Batch {
  const { statements, settings } = ready;
  const ownTransactions = own(ready, 'ownTransactions');
  const actor = known(call.actor);
  if (ownTransactions === true && actor.kind !== 'service') {
    throw new UsageError("Only service() may use the option 'ownTransactions'.", {
      code: 'SERVICE_ONLY',
    });
  }
  const written = call.commented?.(statements, known(call.mode).name) ?? statements;
  const each = own(ready, 'settingsOfEach');
  call.settled = each === undefined ? undefined : new SettledStatements(written, each);
  const batch: Batch = {
    actor,
    access: statements.every(isRead) ? 'read' : 'write',
    statements: call.settled?.sent ?? written,
    claim: own(ready, 'keyed')?.claim,
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
