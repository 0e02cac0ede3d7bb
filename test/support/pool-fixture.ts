import { ConnectionError, type DatabaseError } from '../../src/contract/errors.ts';
import type { CallLimits } from '../../src/contract/mode.ts';
import { Pool } from '../../src/modes/pool/pool.ts';
import type { PoolSettings } from '../../src/modes/pool/pool-parts.ts';
import type { ReplyEnd } from '../../src/modes/wire/reply-machine.ts';
import { type Channel, WireConnection } from '../../src/modes/wire/wire-connection.ts';
import { FakeClock } from './fake-clock.ts';
import { backend } from './network/protocol-messages.ts';

const SETTINGS: PoolSettings = { max: 2, maxWaiting: 10, idleTimeoutMs: 60_000, maxLifetimeMs: 600_000 };
export const LOGIN_REFUSED = new ConnectionError('The login failed.', { code: 'LOGIN_REFUSED' });
export const CONNECT_FAILED = new ConnectionError('No connection.', { code: 'CONNECT_FAILED' });

/** A fake: knows how it was closed, and answers nothing. */
class FakeChannel implements Channel {
  readonly flushed = true;
  readonly cancel: (() => Promise<void>) | undefined;
  fate: 'open' | 'ended' | 'destroyed' = 'open';

  constructor(cancellable: boolean) {
    if (cancellable) this.cancel = async () => undefined;
  }

  write(): void {}
  end(): void {
    this.fate = 'ended';
  }
  destroy(): void {
    this.fate = 'destroyed';
  }
}

/** What the pool waits for and the test decides. */
interface Pending<T> {
  succeed(value: T): void;
  fail(error: unknown): void;
}

function pendingIn<T>(list: Pending<T>[]): Promise<T> {
  return new Promise((succeed, fail) => void list.push({ succeed, fail }));
}

/** A caller of the pool: it keeps its connection until it gives it back. */
class Caller {
  readonly #clock: FakeClock;
  readonly #done = Promise.withResolvers<void>();
  #connection: WireConnection | undefined;
  error: DatabaseError | undefined;

  constructor(pool: Pool, clock: FakeClock, limits: CallLimits, statement: string | undefined) {
    this.#clock = clock;
    pool
      .withConnection(
        limits,
        (connection) => {
          this.#connection = connection;
          return this.#done.promise;
        },
        statement,
      )
      .catch((error: DatabaseError) => {
        this.error = error;
      });
  }

  get isServed(): boolean {
    return this.#connection !== undefined;
  }

  get connection(): WireConnection {
    if (this.#connection === undefined) throw new Error('The caller has no connection.');
    return this.#connection;
  }

  /** The batch that it sends has a second; its promise may be left alone. */
  send(access: 'read' | 'write' = 'read'): Promise<ReplyEnd> {
    const limits = limitsOf(this.#clock, 1_000);
    const batch = this.connection.exchange({
      bytes: Buffer.from('batch'),
      steps: [{ kind: 'execute', parse: true, describe: false, answer: 'command', prepared: undefined }],
      nonce: '',
      access,
      limits,
    });
    batch.catch(() => undefined);
    return batch;
  }

  async giveBack(): Promise<void> {
    this.#done.resolve();
    await this.#clock.advance(0);
  }
}

export function answer(connection: WireConnection, status = 'I'): void {
  const { parseComplete, bindComplete, commandComplete, readyForQuery } = backend;
  connection.receive(
    Buffer.concat([parseComplete(), bindComplete(), commandComplete('COMMIT'), readyForQuery(status)]),
  );
}

export function limitsOf(clock: FakeClock, patienceMs: number, signal?: AbortSignal): CallLimits {
  const limits = { deadline: clock.now() + patienceMs, signal: undefined, maxRows: 10, maxBytes: 1_000 };
  return signal === undefined ? limits : { ...limits, signal };
}

interface Given extends Partial<PoolSettings> {
  /** @defaultValue 0 */
  readonly random?: number;
  /** @defaultValue true */
  readonly cancellable?: boolean;
  /** Connections open when the test says so; otherwise at once. */
  readonly byHand?: boolean;
}

/** What a caller wants a connection for. */
interface Work {
  readonly statement?: string;
  readonly mayBeShed?: boolean;
}

/** A pool whose connections and clock are in the hands of the test. */
export function poolFixture({ random = 0, cancellable = true, byHand = false, ...settings }: Given = {}) {
  const clock = new FakeClock();
  const channels: FakeChannel[] = [];
  const openings: Pending<WireConnection>[] = [];
  const discards: Pending<void>[] = [];
  const told: string[] = [];
  const connect = (): WireConnection => {
    const channel = new FakeChannel(cancellable);
    channels.push(channel);
    return new WireConnection(channel, clock, 10);
  };
  const pool = new Pool({
    restAfter: () => 20_000,
    mode: 'direct',
    settings: { ...SETTINGS, ...settings },
    clock,
    random: () => random,
    open: () => {
      const opening = pendingIn(openings);
      if (!byHand) openings.at(-1)?.succeed(connect());
      return opening;
    },
    discard: () => pendingIn(discards),
    onConnection: (change, milliseconds, errorCode = 'well') =>
      told.push(`${change} after ${milliseconds}, ${errorCode}`),
  });
  return {
    clock,
    pool,
    /** All that the pool has asked for, in order. */
    openings,
    discards,
    /** What the pool told of its connections. */
    told,
    /** How each connection ended that was opened, in order. */
    fates: () => channels.map(({ fate }) => fate),
    /** A caller that has a connection by now, or waits for one. */
    call: async (patienceMs = 100_000, signal?: AbortSignal, { statement, mayBeShed }: Work = {}) => {
      const limits = limitsOf(clock, patienceMs, signal);
      const given = mayBeShed === undefined ? limits : { ...limits, mayBeShed };
      const caller = new Caller(pool, clock, given, statement);
      await clock.advance(0);
      return caller;
    },
    closing: (drainMs: number) => {
      const state = { isClosed: false };
      void pool.close(drainMs).then(() => {
        state.isClosed = true;
      });
      return state;
    },
    succeed: async (opening = openings.length - 1) => {
      openings[opening]?.succeed(connect());
      await clock.advance(0);
    },
    fail: async (error: unknown, opening = openings.length - 1) => {
      openings[opening]?.fail(error);
      await clock.advance(0);
    },
  };
}
