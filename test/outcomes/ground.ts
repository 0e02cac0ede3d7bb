/** Where the operations of one mode are done, and where the journal is read: a server, or PGlite in this process. */
import type { PGlite } from '@electric-sql/pglite';
import type { Clock } from '../../src/contract/clock.ts';
import { type ConsolidatedDatabaseService, createDatabaseService, type ModeName } from '../../src/index.ts';
import type { ModeUrls } from '../../stack/stack-state.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { JournalOwner, type OwnerQuery } from '../support/journal/journal-owner.ts';
import { journalSql } from '../support/journal/journal-schema.ts';

export type SocketMode = keyof ModeUrls;

/** The two logins of a lane. */
export interface LaneUrls {
  readonly user: string;
  readonly service: string;
}

export interface Ground {
  readonly query: OwnerQuery;
  /** The URLs lead to the lane's proxy; there are none where the mode has no connection. */
  makeService(
    mode: ModeName,
    lane: string,
    urls: LaneUrls | undefined,
    clock: Clock,
  ): ConsolidatedDatabaseService;
  /** Resolves when nothing of the callers is under way any more. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** A database with the journal in it, reached over sockets. */
export class ServerGround implements Ground {
  readonly #owner: JournalOwner;

  constructor(ownerUrl: string) {
    this.#owner = new JournalOwner(ownerUrl);
  }

  get query(): OwnerQuery {
    return this.#owner.query;
  }

  makeService(
    mode: ModeName,
    lane: string,
    urls: LaneUrls | undefined,
    clock: Clock,
  ): ConsolidatedDatabaseService {
    return createDatabaseService({
      [mode]: urls?.user,
      service: { [mode]: urls?.service },
      pools: { [mode]: { max: 1 } },
      applicationName: lane,
      connectTimeoutMs: 2_000,
      onWarning: () => {},
      // Nearly every call is struck: a breaker would keep them from their faults.
      breaker: false,
      clock,
    });
  }

  quiet(): Promise<void> {
    return this.#owner.quiet();
  }

  close(): Promise<void> {
    return this.#owner.close();
  }
}

/** PGlite, handed to the services, so that closing one of them leaves it open. */
export class EmbeddedGround implements Ground {
  readonly #pglite: PGlite;

  private constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  static async open(lanes: number): Promise<EmbeddedGround> {
    return new EmbeddedGround(await createEmbeddedDatabase({ sql: journalSql(lanes) }));
  }

  readonly query: OwnerQuery = async <Row extends object>(text: string, values?: readonly unknown[]) =>
    (await this.#pglite.query<Row>(text, values === undefined ? [] : [...values])).rows;

  makeService(
    _mode: ModeName,
    _lane: string,
    _urls: LaneUrls | undefined,
    clock: Clock,
  ): ConsolidatedDatabaseService {
    return createDatabaseService({ embedded: { pglite: this.#pglite }, onWarning: () => {}, clock });
  }

  async quiet(): Promise<void> {
    // Its one session is given to whoever asks next only when what runs has ended.
    await this.query('select 1');
  }

  close(): Promise<void> {
    return this.#pglite.close();
  }
}
