import { isDeepStrictEqual } from 'node:util';
import { SerializationError, ServiceError, UsageError } from '../../contract/errors.ts';
import type { PinnedTransaction, StatementReply } from '../../contract/mode.ts';
import type { Statement } from '../../contract/statement.ts';
import { type Call, known } from '../call/call.ts';
import { isKept, keptResult } from '../call/run-keyed.ts';
import { valueFingerprint } from '../idempotency/fingerprint.ts';
import { claimStatement, keepStatement, keptStatements } from '../idempotency/key-statements.ts';
import { assertHasSubject } from '../idempotency/keyed-ready.ts';
import { encodeJson } from '../values/encode-json.ts';
import { runOne } from './own-statement.ts';
import { roleTimeoutMs } from './pinned.ts';

type Work = (transaction: PinnedTransaction) => Promise<unknown>;

/** All transactions ask for the same: their function is code, and code has no fingerprint. */
const FINGERPRINT = valueFingerprint('transaction');

/**
 * A transaction that is applied once under its key: the key is claimed before the work, what the work returns is kept as JSON
 * before COMMIT, and a repeat gets that without running the work.
 */
export class KeyedTransaction {
  readonly #call: Call<unknown>;
  readonly #key: string;
  readonly #claim: Statement;
  readonly #kept: readonly Statement[];

  constructor(call: Call<unknown>, key: string, ttlMs: number) {
    assertHasSubject(known(call.actor));
    const use = { key, fingerprint: FINGERPRINT, shape: '' };
    this.#call = call;
    this.#key = key;
    this.#claim = claimStatement(use, ttlMs);
    this.#kept = keptStatements(use, 1);
    call.isKeyedTransaction = true;
  }

  /**
   * Runs the work between the claim of the key and the keeping of its value.
   *
   * @param open opens a transaction, and commits it
   */
  async once(open: (use: Work) => Promise<unknown>, work: Work): Promise<unknown> {
    const { limits } = this.#call;
    for (let isFirst = true; ; isFirst = false) {
      let isClaimed = false;
      try {
        return await open(async (transaction) => {
          await runOne(transaction, this.#claim, limits);
          isClaimed = true;
          const value = await work(transaction);
          await runOne(transaction, keepStatement(this.#key, `[${jsonOf(value)}]`), limits);
          return value;
        });
      } catch (error) {
        if (isClaimed) throw error;
        if (isKept(error)) {
          const replies = await keptResult(error, isFirst, () => this.#read());
          if (replies !== undefined) return keptValue(replies);
        } else if (!(error instanceof SerializationError)) throw error;
        // Else another call held the key until it had committed, and the snapshot of this transaction was older.
      }
    }
  }

  #read(): Promise<readonly StatementReply[]> {
    const { actor, mode, limits } = this.#call;
    const statementTimeoutMs = roleTimeoutMs(this.#call);
    const batch = {
      actor: known(actor),
      access: 'read',
      statements: this.#kept,
      statementTimeoutMs,
    } as const;
    return known(mode).run(batch, limits);
  }
}

/** `[value]`, and `[]` for undefined: it is no JSON, but what a function without a value returns. */
function jsonOf(value: unknown): string {
  if (value === undefined) return '[]';
  const text = encodeJson(value, 'What the function of a transaction with an idempotency key returns');
  if (!isDeepStrictEqual(JSON.parse(text), value)) {
    throw new UsageError(
      'What the function of a transaction with an idempotency key returns must be a JSON value, because it is kept as one: a repeat would get another value. Nothing was changed.',
      {
        code: 'INVALID_OPTION',
        hint: 'Return texts, numbers, booleans, null, plain objects and arrays of them, or nothing. A Date is kept as its text: return that.',
      },
    );
  }
  return `[${text}]`;
}

function keptValue([reply]: readonly StatementReply[]): unknown {
  const document: unknown = reply?.form === 'document' ? JSON.parse(reply.text) : undefined;
  const kept: unknown = Array.isArray(document) && document.length === 3 ? document[1] : undefined;
  if (!Array.isArray(kept)) {
    throw new ServiceError('The server answered a kept transaction in an unexpected format.', {
      code: 'PROTOCOL',
      outcome: 'applied',
    });
  }
  return kept[0];
}
