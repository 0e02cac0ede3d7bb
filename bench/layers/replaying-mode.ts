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
} from '../../src/contract/mode.ts';

/**
 * A fake: sends each statement text once over the real mode, and from then on immediately returns the reply
 * from then. No connection is used any more, so the time of a call is the time of the layers above the batch.
 */
export class ReplayingMode implements ConnectionMode {
  readonly name: ModeName;
  readonly capabilities: ModeCapabilities;
  readonly #real: ConnectionMode;
  readonly #kept = new Map<string, readonly StatementReply[]>();

  constructor(real: ConnectionMode) {
    this.#real = real;
    this.name = real.name;
    this.capabilities = real.capabilities;
  }

  /** Batches sent over the real mode so far. */
  get recorded(): number {
    return this.#kept.size;
  }

  run(batch: Batch, limits: CallLimits): Promise<readonly StatementReply[]> {
    const kept = this.#kept.get(keyOf(batch));
    return kept === undefined ? this.#record(batch, limits) : Promise.resolve(kept);
  }

  withTransaction<T>(
    options: BeginOptions,
    limits: CallLimits,
    use: (transaction: PinnedTransaction) => Promise<T>,
  ): Promise<T> {
    return this.#real.withTransaction(options, limits, use);
  }

  describe(batch: Batch, limits: CallLimits): Promise<readonly Field[]> {
    return this.#real.describe(batch, limits);
  }

  onOneConnection<T>(limits: CallLimits, use: (connection: OneConnection) => Promise<T>): Promise<T> {
    return this.#real.onOneConnection(limits, use);
  }

  get isFull(): boolean {
    return this.#real.isFull;
  }

  hasRoom(reserve: number): boolean {
    return this.#real.hasRoom(reserve);
  }

  get restMs(): number {
    return this.#real.restMs;
  }

  get expectedMs(): number {
    return this.#real.expectedMs;
  }

  dropIdle(): void {
    this.#real.dropIdle();
  }

  stats(): PoolStats {
    return this.#real.stats();
  }

  close(drainMs: number): Promise<void> {
    return this.#real.close(drainMs);
  }

  async #record(batch: Batch, limits: CallLimits): Promise<readonly StatementReply[]> {
    const replies = await this.#real.run(batch, limits);
    this.#kept.set(keyOf(batch), replies);
    return replies;
  }
}

/** Without the values: replies for all values have the same shape, and so take the decoder the same time. */
function keyOf(batch: Batch): string {
  return batch.statements.length === 1
    ? batch.statements[0]!.plan.text
    : batch.statements.map(({ plan }) => plan.text).join(';');
}
