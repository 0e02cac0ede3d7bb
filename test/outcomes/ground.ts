/** Where the operations of one mode are done, and where the journal is read: a server, or PGlite in this process. */
import type { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import type { Clock } from '../../src/contract/clock.ts';
import { type ConsolidatedDatabaseService, createDatabaseService, type ModeName } from '../../src/index.ts';
import type { ModeUrls } from '../../stack/stack-state.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { journalSql } from './journal-schema.ts';

export type SocketMode = keyof ModeUrls;

/** How the owner of the tables asks, over a way of its own that nothing strikes. */
export type OwnerQuery = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

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

const PATIENCE_MS = 20_000;

/** A database with the journal in it, reached over sockets. */
export class ServerGround implements Ground {
  readonly #pool: pg.Pool;

  constructor(ownerUrl: string) {
    this.#pool = new pg.Pool({ connectionString: ownerUrl, max: 4, application_name: 'outcomes-owner' });
    // A server that is restarted ends idle connections.
    this.#pool.on('error', () => {});
  }

  /** Asks again while the server is away: whatever the owner asks may be asked twice. */
  readonly query: OwnerQuery = async <Row extends object>(text: string, values?: readonly unknown[]) => {
    const givenUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        const result = await (values === undefined
          ? this.#pool.query(text)
          : this.#pool.query(text, [...values]));
        return result.rows as Row[];
      } catch (error) {
        const { code } = error as { code?: string };
        const isAway = code === undefined || /^(E[A-Z]+|57P0\d|08.*|53300)$/.test(code);
        if (!isAway || performance.now() > givenUpAt) throw error;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    }
  };

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

  async quiet(): Promise<void> {
    const givenUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const [row] = await this.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity
          where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
            and state <> 'idle' and application_name <> 'outcomes-owner'`,
      );
      if (row?.n === 0) return;
      if (performance.now() > givenUpAt)
        throw new Error('The server is still at work long after the last call has ended.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
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
