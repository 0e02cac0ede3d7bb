import { aborted, connectionLost, serviceClosed } from '../../contract/failures.ts';
import type { CallLimits, PoolStats } from '../../contract/mode.ts';
import type { WireConnection } from '../wire/wire-connection.ts';
import { ConnectionWatch } from './connection-watch.ts';
import { Members } from './members.ts';
import { notOpened } from './not-opened.ts';
import { OpeningPause } from './opening-pause.ts';
import type { PoolParts } from './pool-parts.ts';
import type { Waiter } from './waiter.ts';
import { WaitingLine } from './waiting-line.ts';

/** The server or the pooler has no more connections than those that are open. */
const REFUSED_PAUSE_MS = 1_000;

/**
 * Connections of one mode and one login. Waiting callers are served in order. The most recently used
 * connection is used first, so that the others can become idle and close.
 */
export class Pool {
  readonly #parts: PoolParts;
  readonly #members: Members;
  readonly #idle: WireConnection[] = [];
  readonly #waiters: WaitingLine;
  #opening = 0;
  #closed = false;
  #closing: Promise<void> | undefined;
  readonly #pause: OpeningPause;
  readonly #watch: ConnectionWatch;
  /** The login has succeeded before, and no login has been refused since. */
  #trusted = false;
  #onEmpty: (() => void) | undefined;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.#members = new Members(parts, () => this.#dropSuperfluous());
    this.#watch = new ConnectionWatch(parts.clock, parts.onConnection);
    this.#pause = new OpeningPause(parts.clock, () => this.#openIfWanted());
    this.#waiters = new WaitingLine({ clock: parts.clock, watch: this.#watch, stats: () => this.stats() });
  }

  /**
   * Runs `use` with a connection and always takes the connection back.
   *
   * @param statement the name of what it runs, where that is all it does
   */
  async withConnection<T>(
    limits: CallLimits,
    use: (connection: WireConnection) => Promise<T>,
    statement?: string,
  ): Promise<T> {
    const idle = this.#takeIdle(limits);
    const connection = idle ?? (await this.#wait(limits, statement));
    const since = idle === undefined ? this.#parts.clock.now() : 0;
    try {
      const result = await use(connection);
      if (idle === undefined && statement !== undefined)
        this.#waiters.answered(statement, this.#parts.clock.now() - since);
      return result;
    } finally {
      this.#giveBack(connection);
    }
  }

  /**
   * Whoever comes now has to wait for others: their connections are all that there may be. A pool that could have more,
   * but was refused them, is not full.
   */
  get isFull(): boolean {
    return (
      this.#free <= 0 && (this.#members.size >= this.#parts.settings.max || this.#pause.reason === undefined)
    );
  }

  /**
   * A call that prefers another pool can begin here now, and leaves `reserve` connections. Not while one that could not be
   * opened is recent: another way that fails is worse than a queue.
   */
  hasRoom(reserve: number): boolean {
    return this.#trusted && !this.#closed && !this.#pause.isRecent && this.#free > reserve;
  }

  /** See `ConnectionMode`: until the connections of all before it, and its own, are given back. */
  get expectedMs(): number {
    const ahead = this.#members.size - this.#idle.length + this.#waiters.size;
    return (ahead + 1) * this.#waiters.intervalMs;
  }

  /** See `ConnectionMode`. Those that live are used whatever is refused, and without one only a refused login is a reason to pause. */
  get restMs(): number {
    return this.#members.size === 0 ? this.#pause.leftMs : 0;
  }

  dropIdle(): void {
    for (const connection of [...this.#idle]) this.#drop(connection);
  }

  stats(): PoolStats {
    const { mode, settings } = this.#parts;
    const [size, idle, waiting] = [this.#members.size, this.#idle.length, this.#waiters.size];
    return { mode, size, idle, busy: size - idle, waiting, max: settings.max };
  }

  /** Refuses new callers, serves up to `drainMs` those that there are, then destroys the remaining connections. */
  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  async #close(drainMs: number): Promise<void> {
    this.#closed = true;
    this.#members.close();
    for (const connection of this.#idle.splice(0)) this.#drop(connection);
    if (!this.#isEmpty) await this.#drained(drainMs);
    this.#pause.close();
  }

  #drained(drainMs: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = this.#parts.clock.schedule(() => {
        for (const waiter of this.#waiters.members()) waiter.reject(serviceClosed());
        for (const connection of this.#members.all()) {
          this.#members.delete(connection);
          connection.closed(new Error('The service was closed before the call ended.'));
          this.#watch.ended(connection);
        }
        resolve();
      }, drainMs);
      this.#onEmpty = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  get #isEmpty(): boolean {
    return this.#members.size + this.#opening + this.#waiters.size === 0;
  }

  /** Connections that are idle or may still be opened, less those for which callers wait already. */
  get #free(): number {
    return this.#parts.settings.max - (this.#members.size - this.#idle.length) - this.#waiters.size;
  }

  #takeIdle(limits: CallLimits): WireConnection | undefined {
    if (this.#closed) throw serviceClosed();
    if (limits.signal?.aborted === true) throw aborted(limits.signal, 'before it was sent');
    if (this.#waiters.size > 0) return undefined;
    const connection = this.#idle.pop();
    connection?.whenBroken(undefined);
    return connection;
  }

  #wait(limits: CallLimits, statement: string | undefined): Promise<WireConnection> {
    const { settings } = this.#parts;
    // Callers for which a connection can still be opened do not count as waiting.
    const room = Math.max(0, settings.max - this.#members.size);
    if (this.#waiters.size >= settings.maxWaiting + room) {
      return Promise.reject(this.#waiters.full());
    }
    const refusal = this.#pause.reason;
    if (refusal !== undefined && this.#members.size === 0) return Promise.reject(refusal);
    const served = this.#waiters.wait(this, limits, statement);
    this.#openIfWanted();
    return served;
  }

  #openIfWanted(): void {
    const { settings } = this.#parts;
    if (this.#pause.reason !== undefined) return;
    // One at a time where none lives, however often it went well before: poolers block an address after a few failed logins.
    const atOnce = this.#trusted && this.#members.size > 0 ? settings.max : 1;
    while (
      this.#opening < Math.min(this.#waiters.size, atOnce) &&
      this.#members.size + this.#opening < settings.max
    ) {
      this.#opening += 1;
      void this.#open();
    }
  }

  async #open(): Promise<void> {
    const since = this.#watch.opening();
    // Callers that come later do not get this error, which may have passed by then.
    const waiting = this.#waiters.members();
    let connection: WireConnection;
    try {
      connection = await this.#parts.open();
    } catch (error) {
      this.#opening -= 1;
      this.#openFailed(error, waiting);
      this.#watch.failed(since, error);
      return;
    }
    this.#opening -= 1;
    this.#watch.opened(since);
    this.#trusted = true;
    this.#pause.succeeded();
    this.#members.add(connection);
    this.#serve(connection, since);
    this.#openIfWanted();
  }

  #openFailed(error: unknown, waiting: readonly Waiter[]): void {
    const failure = notOpened(error);
    const login = failure.code === 'LOGIN_REFUSED' || failure.code === 'LOGIN_BANNED';
    this.#pause.failed();
    if (login) this.#trusted = false;
    const pauseMs = login ? this.#parts.restAfter(failure) : REFUSED_PAUSE_MS;
    if (this.#members.size === 0) {
      if (login) this.#pause.hold(failure, pauseMs);
      // A refused login is refused for all. Other errors reach only the callers that waited when they happened.
      for (const waiter of login ? this.#waiters.members() : waiting) waiter.reject(failure);
      this.#openIfWanted();
    } else {
      // The open connections serve the waiting callers; no further ones are opened meanwhile.
      this.#pause.hold(failure, pauseMs);
    }
    this.#tellIfEmpty();
  }

  #giveBack(connection: WireConnection): void {
    if (connection.isReadOnly) {
      connection.isReadOnly = false;
      if (this.#members.endAll()) this.dropIdle();
    }
    if (!this.#members.has(connection)) {
      this.#tellIfEmpty();
      return;
    }
    if (connection.broken === undefined && connection.busy) {
      // The caller has its answer (a timeout, an abort); the connection has not.
      connection.whenIdle(() => this.#giveBack(connection));
      return;
    }
    const isWanted = !this.#closed || this.#waiters.size > 0;
    if (connection.broken !== undefined || connection.status !== 'I' || !isWanted) {
      this.#drop(connection);
      return;
    }
    if (connection.tainted) {
      this.#parts.discard(connection).then(
        () => {
          connection.tainted = false;
          this.#giveBack(connection);
        },
        () => this.#drop(connection),
      );
      return;
    }
    this.#waiters.freed(this.#members.size);
    this.#serve(connection);
  }

  #serve(connection: WireConnection, openingSince?: number): void {
    const waiter = this.#waiters.next();
    if ((this.#closed && waiter === undefined) || this.#members.isOver(connection)) {
      this.#drop(connection);
      return;
    }
    if (waiter !== undefined) {
      connection.whenBroken(undefined);
      waiter.resolve(connection, openingSince);
      return;
    }
    connection.whenBroken(() => this.#drop(connection));
    this.#idle.push(connection);
  }

  #drop(connection: WireConnection): void {
    connection.whenBroken(undefined);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    if (this.#members.delete(connection)) this.#watch.ended(connection);
    if (connection.broken === undefined) {
      if (connection.busy || connection.status !== 'I') connection.destroy(connectionLost('read'));
      else connection.end();
    }
    if (this.#members.size === 0) this.#lastIsGone();
    this.#openIfWanted();
    this.#tellIfEmpty();
  }

  /** The pause was for the sake of those that lived; a login that is refused stays refused, to all who wait too. */
  #lastIsGone(): void {
    const refusal = this.#pause.reason;
    if (this.#trusted) this.#pause.lift();
    else if (refusal !== undefined) for (const waiter of this.#waiters.members()) waiter.reject(refusal);
  }

  #dropSuperfluous(): void {
    for (const connection of [...this.#idle])
      if (this.#members.isSuperfluous(connection)) this.#drop(connection);
  }

  #tellIfEmpty(): void {
    if (this.#closed && this.#isEmpty) this.#onEmpty?.();
  }
}
