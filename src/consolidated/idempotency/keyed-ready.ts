import { AuthenticationError, UsageError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { Statement } from '../../contract/statement.ts';
import type { Prepare, ReadyStatement } from '../call/ready-statement.ts';
import { fingerprintOf, shapeOf } from './fingerprint.ts';
import { claimStatement, keptStatements } from './key-statements.ts';
import { keyedStatement } from './keyed-plan.ts';

/**
 * The statements of a call, applied once under its key: the key is claimed before them, in the same batch, and each of them
 * keeps its result itself. So the first try needs one round trip, and a repeat two.
 */
export function keyedPrepare(
  prepare: Prepare<ReadyStatement<unknown>>,
  key: string,
  ttlMs: number,
): Prepare<ReadyStatement<unknown>> {
  return (catalog, actor) => {
    const ready = prepare(catalog, actor);
    assertHasSubject(actor);
    const { statements } = ready;
    if (statements.every(({ plan }) => plan.intent === 'read')) {
      throw new UsageError("The option 'idempotencyKey' is for writes: a read may be repeated without one.", {
        code: 'INVALID_OPTION',
      });
    }
    const use = { key, fingerprint: fingerprintOf(statements), shape: shapeOf(ready) };
    return {
      ...ready,
      statements: statements.map((statement) => keeping(statement, key)) as [Statement, ...Statement[]],
      keyed: { claim: claimStatement(use, ttlMs), kept: keptStatements(use, statements.length) },
    };
  };
}

/** Without a subject all callers would share their keys, and read each other's results. */
export function assertHasSubject(actor: Actor): void {
  if (actor.kind !== 'anonymous' && actor.role !== 'anon') return;
  throw new AuthenticationError(
    'An idempotency key needs a caller with a subject. An anonymous one has none: it would share its keys with all others.',
    { code: 'IDEMPOTENCY_KEY_WITHOUT_SUBJECT', hint: 'Sign the user in, or write as service().' },
  );
}

function keeping(statement: Statement, key: string): Statement {
  const keyed = keyedStatement(statement, key);
  if (keyed !== undefined) return keyed;
  throw new UsageError(
    'The result of this statement cannot be kept under an idempotency key: it has no document form.',
    {
      code: 'UNSUPPORTED',
      hint: 'DDL, DO, CALL, EXPLAIN, planned counts and the like have none. Use a function and rpc(), or transaction() with a key.',
    },
  );
}
