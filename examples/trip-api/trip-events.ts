import { z } from 'zod';
import {
  type ConsolidatedDatabaseService,
  DatabaseError,
  op,
  type ServiceEvent,
  service,
  type TransactionHandle,
  type UserIdentity,
} from '../../src/index.ts';
import type { Database } from './database.types.ts';

const CHANNEL = 'trip_changes';
/** More changes than this at once are not told one by one. */
const MAX_PENDING = 500;

/** Proxies cut a connection on which nothing is said. */
const QUIET_MS = 20_000;

/** What a client is told. `reload`: changes may have been missed, so read anew. `quiet`: the connection is still there. */
export type TripEvent =
  | { readonly type: 'changed'; readonly trip: { readonly id: string; readonly title: string } }
  | { readonly type: 'reload' }
  | { readonly type: 'quiet' };

/** Tells other processes, when the transaction commits, that a trip was changed. Anybody may hear it, so it is only an id. */
export async function tellChanged(tx: TransactionHandle<Database>, tripId: string): Promise<void> {
  await tx.notify(CHANNEL, tripId);
}

/** The changes of trips, told to each client that may see the trip. One subscription serves all clients of the process. */
export class TripEvents {
  readonly #clients = new Set<Client>();
  #listening: Promise<unknown> | undefined;
  #closed = false;

  /** For the option `onEvent` of the service. Behind a gap nobody knows what was missed. */
  readonly onEvent = (event: ServiceEvent): void => {
    if (event.type !== 'listener' || event.change !== 'listening') return;
    for (const client of this.#clients) client.missed();
  };

  /**
   * The events of one client, until its signal aborts, its token expires, or the process stops. They begin with `reload`: from
   * then on nothing is missed. Nothing is kept for a client that reads slowly but the ids of what has changed.
   */
  async open(
    db: ConsolidatedDatabaseService<Database>,
    caller: UserIdentity,
    signal: AbortSignal | undefined,
  ): Promise<AsyncGenerator<TripEvent, void>> {
    await this.#listen(db);
    const client = new Client(signal);
    this.#clients.add(client);
    if (this.#closed) client.close();
    return this.#eventsOf(client, db, caller);
  }

  /** Ends the events of all clients. */
  close(): void {
    this.#closed = true;
    for (const client of this.#clients) client.close();
  }

  async *#eventsOf(
    client: Client,
    db: ConsolidatedDatabaseService<Database>,
    caller: UserIdentity,
  ): AsyncGenerator<TripEvent, void> {
    try {
      for await (const ids of client.changes()) {
        if (typeof ids === 'string') {
          yield { type: ids };
          continue;
        }
        // Read as the client: row level security decides who hears of a trip.
        const trips = await db.as(caller).select('trips', {
          columns: ['id', 'title'],
          filters: { id: op.in(ids) },
          label: 'events.filter',
        });
        for (const trip of trips) yield { type: 'changed', trip };
      }
    } catch (error) {
      // The client comes again with another token.
      if (!(error instanceof DatabaseError) || error.code !== 'TOKEN_EXPIRED') throw error;
    } finally {
      this.#clients.delete(client);
    }
  }

  #listen(db: ConsolidatedDatabaseService<Database>): Promise<unknown> {
    this.#listening ??= db
      .as(service())
      .listen(CHANNEL, (payload) => {
        // Anybody who may notify can send anything.
        const id = z.uuid().safeParse(payload);
        if (id.success) for (const client of this.#clients) client.changed(id.data);
      })
      .catch((error: unknown) => {
        this.#listening = undefined;
        throw error;
      });
    return this.#listening;
  }
}

/** What one client has not been told yet. */
class Client {
  readonly #signal: AbortSignal | undefined;
  #pending = new Set<string>();
  #hasMissed = true;
  #closed = false;
  #wake = (): void => {};

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener('abort', () => this.#wake());
  }

  changed(id: string): void {
    if (this.#pending.size < MAX_PENDING) this.#pending.add(id);
    else this.#hasMissed = true;
    this.#wake();
  }

  missed(): void {
    this.#hasMissed = true;
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *changes(): AsyncGenerator<readonly string[] | 'reload' | 'quiet', void> {
    while (!this.#closed && this.#signal?.aborted !== true) {
      if (this.#hasMissed) {
        this.#hasMissed = false;
        this.#pending.clear();
        yield 'reload';
      } else if (this.#pending.size > 0) {
        const ids = [...this.#pending];
        this.#pending.clear();
        yield ids;
      } else {
        if (!(await this.#woken())) yield 'quiet';
      }
    }
  }

  /** False where nothing has happened for a while. */
  #woken(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), QUIET_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
