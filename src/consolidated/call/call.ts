import { DatabaseError, ValidationError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import {
  type CallLimits,
  type ConnectionMode,
  type Field,
  MODE_NAMES,
  type ModeName,
  type StatementReply,
} from '../../contract/mode.ts';
import type { Statement, StatementKind } from '../../contract/statement.ts';
import type { Catalog } from '../catalog/model.ts';
import type { ServiceConfig } from '../options/options.ts';

/** What every call takes. */
export interface CallOptions {
  readonly mode?: ModeName | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What reading a reply may need, each in a round trip of its own. */
export interface ReadHelp {
  /** Learns the columns of the statement. */
  describe(): Promise<readonly Field[]>;
  /** Reads the catalog anew, for a type that is younger than the one at hand. */
  catalog(): Promise<Catalog>;
}

/** What one call sends, and how it is read. */
export interface ReadyStatement<T> {
  readonly kind: StatementKind;
  /** The statement, and behind it what belongs in the same batch. */
  readonly statements: readonly [Statement, ...Statement[]];
  readonly settings?: readonly (readonly [name: string, value: string])[] | undefined;
  /** @param replies - one for each statement */
  read(replies: readonly StatementReply[], help: ReadHelp): T | Promise<T>;
  /** How many rows a result stands for, for telemetry. */
  rows(result: T): number;
}

const MAX_TIMEOUT_MS = 2_147_483_647;

/** The limits of one call, from now on. */
export function limitsOf(options: CallOptions, config: ServiceConfig): CallLimits {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError('The options of a call are an object.', { code: 'INVALID_OPTION' });
  }
  const { timeoutMs = config.timeoutMs, signal } = options;
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0 || timeoutMs > MAX_TIMEOUT_MS) {
    throw new ValidationError(
      `The option 'timeoutMs' must be a number from 1 to ${MAX_TIMEOUT_MS}. It was ${String(timeoutMs)}.`,
      {
        code: 'INVALID_OPTION',
      },
    );
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ValidationError("The option 'signal' must be an AbortSignal.", { code: 'INVALID_OPTION' });
  }
  const { mode } = options;
  if (mode !== undefined && !MODE_NAMES.includes(mode)) {
    throw new ValidationError(
      `The option 'mode' must be one of ${MODE_NAMES.join(', ')}. It was ${String(mode)}.`,
      {
        code: 'INVALID_OPTION',
      },
    );
  }
  return {
    deadline: config.clock.now() + timeoutMs,
    signal,
    // One more than allowed, so that a result beyond the cap is noticed without breaking the connection.
    maxRows: config.maxRows + 1,
    maxBytes: config.maxBytes,
  };
}

/** Hands every call of a batch its own replies; at once, where reading them needs no help. */
export function readAll(
  ready: readonly ReadyStatement<unknown>[],
  replies: readonly StatementReply[],
  help: ReadHelp,
): unknown[] | Promise<unknown[]> {
  const single = ready.length === 1 ? ready[0] : undefined;
  if (single === undefined) return readEach(ready, replies, help);
  const result = single.read(replies, help);
  return result instanceof Promise ? result.then((value) => [value]) : [result];
}

async function readEach(
  ready: readonly ReadyStatement<unknown>[],
  replies: readonly StatementReply[],
  help: ReadHelp,
): Promise<unknown[]> {
  const results: unknown[] = [];
  let at = 0;
  for (const one of ready) {
    results.push(await one.read(replies.slice(at, at + one.statements.length), help));
    at += one.statements.length;
  }
  return results;
}

/** Rows that all results together stand for, for telemetry. */
export function rowsOf(ready: readonly ReadyStatement<unknown>[], results: readonly unknown[]): number {
  return ready.reduce((sum, statement, i) => sum + statement.rows(results[i]), 0);
}

/**
 * What a write returns was written: to refuse it for its number would leave the caller with a write whose
 * rows nobody saw. The cap of bytes holds for writes too.
 */
export function uncapped(limits: CallLimits): CallLimits {
  return { ...limits, maxRows: Number.MAX_SAFE_INTEGER };
}

/** UTF-16 units of all bound values: a cheap measure of what the batch carries. */
export function valueSize(statements: readonly Statement[]): number {
  let size = 0;
  for (const { values } of statements) for (const value of values) if (value !== null) size += value.length;
  return size;
}

/** Collects what a call was, for `onCall`; without a listener nothing is made. */
export class CallRecord {
  readonly kind: StatementKind;
  actor: Actor | undefined;
  mode: ConnectionMode['name'] | undefined;
  readonly #config: ServiceConfig;
  readonly #startedAt: number;

  private constructor(kind: StatementKind, config: ServiceConfig) {
    this.kind = kind;
    this.#config = config;
    this.#startedAt = config.clock.now();
  }

  static start(kind: StatementKind, config: ServiceConfig): CallRecord | undefined {
    return config.onCall === undefined ? undefined : new CallRecord(kind, config);
  }

  end(rows: number, error?: unknown): void {
    try {
      this.#tell(rows, error);
    } catch (thrown) {
      // A listener must not turn a call that succeeded into one that failed.
      this.#config.onWarning(`onCall threw: ${thrown instanceof Error ? thrown.message : 'no error'}`);
    }
  }

  #tell(rows: number, error: unknown): void {
    this.#config.onCall?.({
      kind: this.kind,
      mode: this.mode,
      identity: this.actor?.kind,
      role: this.actor?.role,
      milliseconds: this.#config.clock.now() - this.#startedAt,
      rows,
      errorCode: error === undefined ? undefined : error instanceof DatabaseError ? error.code : 'INTERNAL',
    });
  }
}

/** One value for each setting of a batch: of numbers the largest, so that no search gets fewer candidates. */
export function mergedSettings(
  ready: readonly ReadyStatement<unknown>[],
): readonly (readonly [name: string, value: string])[] {
  const merged = new Map<string, string>();
  for (const [name, value] of ready.flatMap((one) => one.settings ?? [])) {
    const other = merged.get(name);
    if (other === undefined || Number(value) > Number(other)) merged.set(name, value);
  }
  return [...merged];
}
