import type { Clock } from '../../contract/clock.ts';
import { connectionLost, modeCannot } from '../../contract/failures.ts';
import type {
  Batch,
  BeginOptions,
  CallLimits,
  ConnectionMode,
  Field,
  ModeCapabilities,
  ModeName,
  OneConnection,
  PinnedTransaction,
  PoolStats,
  StatementReply,
} from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import { writeCommand } from '../wire/batch-writer.ts';
import { NameFaults } from '../wire/followed-names.ts';
import { nextNonce } from '../wire/nonce.ts';
import { OpenTransaction } from '../wire/pinned-transaction.ts';
import { describeBatch, type RunContext, runBatch } from '../wire/run-batch.ts';
import { translateServerError } from '../wire/server-errors.ts';
import { searchPathValue } from '../wire/set-up.ts';
import type { WireConnection } from '../wire/wire-connection.ts';
import type { OnConnection } from './connection-watch.ts';
import { holdingOne } from './holder.ts';
import { Pool } from './pool.ts';
import type { PoolParts, PoolSettings } from './pool-parts.ts';

/** How the four modes differ. */
export interface ModeTraits {
  readonly name: ModeName;
  readonly capabilities: ModeCapabilities;
  readonly style: RunContext['style'];
  /** The server connection may change from one batch to the next. */
  readonly pooled: boolean;
  /**
   * Commands that reset a connection after raw SQL, which may have left any setting behind. None where the
   * server connection is not ours to keep.
   */
  readonly discardCommands: () => readonly string[];
}

interface ModeParts {
  readonly traits: ModeTraits;
  readonly pool: PoolSettings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly open: PoolParts['open'];
  readonly restAfter: PoolParts['restAfter'];
  /** Schemas of the search path, `pg_temp` aside. */
  readonly searchPath: readonly string[];
  /** The pooler refused the names of statements again and again: from now on they are unnamed. */
  readonly onNamesGivenUp?: (() => void) | undefined;
  readonly onConnection?: OnConnection | undefined;
}

const DISCARD_PATIENCE_MS = 2_000;
const ROLLBACK_PATIENCE_MS = 1_000;
const NO_CAP = Number.MAX_SAFE_INTEGER;

/** A mode over a pool of wire connections. All four modes are this class with different traits. */
export class PooledMode implements ConnectionMode {
  readonly name: ModeName;
  readonly capabilities: ModeCapabilities;
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #nameFaults = new NameFaults();
  #context: RunContext;

  constructor(parts: ModeParts) {
    const { traits, clock } = parts;
    this.name = traits.name;
    this.capabilities = traits.capabilities;
    this.#clock = clock;
    this.#context = {
      clock,
      style: traits.style,
      pooled: traits.pooled,
      searchPath: searchPathValue(parts.searchPath),
      onNameFault: () => this.#countNameFault(parts.onNamesGivenUp),
    };
    this.#pool = new Pool({
      mode: traits.name,
      settings: parts.pool,
      clock,
      random: parts.random,
      open: parts.open,
      restAfter: parts.restAfter,
      discard: (connection) => this.#discard(connection, traits.discardCommands()),
      onConnection: parts.onConnection,
    });
  }

  run(batch: Batch, limits: CallLimits): Promise<readonly StatementReply[]> {
    return this.#pool.withConnection(
      limits,
      (connection) => runBatch(connection, batch, limits, this.#context),
      batch.statements[0]?.plan.name,
    );
  }

  describe(batch: Batch, limits: CallLimits): Promise<readonly Field[]> {
    return this.#pool.withConnection(limits, (connection) =>
      describeBatch(connection, batch, limits, this.#context),
    );
  }

  onOneConnection<T>(limits: CallLimits, use: (connection: OneConnection) => Promise<T>): Promise<T> {
    const contexts = {
      unnamed: { ...this.#context, style: 'document', pooled: true },
      named: { ...this.#context, style: 'named-document', pooled: true },
    } as const;
    return this.#pool.withConnection(limits, (connection) =>
      use({
        processId: connection.processId,
        get isOpen() {
          return connection.broken === undefined;
        },
        run: (batch, names = 'unnamed') => runBatch(connection, batch, limits, contexts[names]),
      }),
    );
  }

  async withTransaction<T>(
    options: BeginOptions,
    limits: CallLimits,
    use: (transaction: PinnedTransaction) => Promise<T>,
  ): Promise<T> {
    if (!this.capabilities.pinned) {
      throw modeCannot(
        this.name,
        'run an interactive transaction',
        "Use the mode 'direct' or 'session', or batch([...]).",
      );
    }
    return this.#pool.withConnection(limits, async (connection) => {
      const transaction = await OpenTransaction.open(connection, this.name, options, limits, this.#context);
      let result: T;
      try {
        result = await holdingOne(this.#pool, limits.deadline, () => use(transaction));
        await transaction.commit(limits);
      } catch (error) {
        await this.#rollback(transaction, connection, limits);
        throw error;
      }
      return result;
    });
  }

  get isFull(): boolean {
    return this.#pool.isFull;
  }

  hasRoom(reserve: number): boolean {
    return this.#pool.hasRoom(reserve);
  }

  get expectedMs(): number {
    return this.#pool.expectedMs;
  }

  get restMs(): number {
    return this.#pool.restMs;
  }

  dropIdle(): void {
    this.#pool.dropIdle();
  }

  stats(): PoolStats {
    return this.#pool.stats();
  }

  close(drainMs: number): Promise<void> {
    return this.#pool.close(drainMs);
  }

  /**
   * The error that led here is the one to tell, and in time: what is left of the call's limits is what the caller
   * waits for. A connection that has not rolled back by then serves nobody before it has, and one that cannot is
   * destroyed.
   */
  async #rollback(
    transaction: OpenTransaction,
    connection: WireConnection,
    limits: CallLimits,
  ): Promise<void> {
    const rolledBack = transaction.rollback(this.#ownLimits(ROLLBACK_PATIENCE_MS)).catch((cause: unknown) => {
      connection.destroy(connectionLost('read', cause instanceof Error ? cause : undefined));
    });
    await withinLimits(rolledBack, limits, this.#clock, 'while it was rolled back').catch(noLonger);
  }

  async #discard(connection: WireConnection, commands: readonly string[]): Promise<void> {
    for (const command of commands) {
      const limits = this.#ownLimits(DISCARD_PATIENCE_MS);
      const written = writeCommand(connection, command);
      const end = await connection.exchange({ ...written, nonce: nextNonce(), access: 'read', limits });
      if (end.error !== undefined) {
        throw translateServerError(end.error, { access: 'read' });
      }
      connection.prepared.forgetAll();
    }
  }

  #countNameFault(onGivenUp: (() => void) | undefined): void {
    if (this.#context.style !== 'named-document' || !this.#nameFaults.add(this.#clock.now())) return;
    this.#context = { ...this.#context, style: 'document' };
    onGivenUp?.();
  }

  #ownLimits(patienceMs: number): CallLimits {
    return { deadline: this.#clock.now() + patienceMs, signal: undefined, maxRows: NO_CAP, maxBytes: NO_CAP };
  }
}

function noLonger(): void {}
