/** Others take every connection that the server has. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { beneathLoad } from '../beneath-load.ts';
import type { Fault, FaultStage } from '../fault.ts';
import { WAYS } from '../front.ts';

const WINDOW_MS = 700;
const MOST = 150;

/** Connects until the server refuses, and again whenever it does not. */
class Crowd {
  readonly #url: string;
  readonly #clients: pg.Client[] = [];
  #isOver = false;
  #refused = 0;
  #gathering: Promise<void> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
  }

  get refused(): number {
    return this.#refused;
  }

  /** Resolves when the server has refused one of them. */
  async gather(): Promise<void> {
    let full: () => void = () => {};
    const isFull = new Promise<void>((resolve) => {
      full = resolve;
    });
    this.#gathering = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (!this.#isOver && this.#clients.length < MOST) {
          const client = new pg.Client({ connectionString: this.#url });
          client.on('error', () => {});
          try {
            await client.connect();
            this.#clients.push(client);
          } catch {
            this.#refused++;
            full();
            await pause(2);
          }
        }
      }),
    ).then(() => {});
    await isFull;
  }

  async leave(): Promise<void> {
    this.#isOver = true;
    await this.#gathering;
    await Promise.all(this.#clients.map((client) => client.end()));
  }
}

/** Those of the service, so that it needs new ones. */
async function terminateAll({ servers }: FaultStage): Promise<void> {
  await servers.owner.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and usename = 'cdb_user' and application_name <> 'crowd'`,
  );
}

export const EXHAUSTED_CONNECTIONS: Fault = {
  name: 'max_connections exhausted',
  needsOwnServers: true,
  play: beneathLoad({
    strike: async (blow) => {
      const { servers, front, notes } = blow;
      const opened = () => WAYS.reduce((sum, way) => sum + front.proxyOf(way).counts.connections, 0);
      const crowd = new Crowd(`${servers.user.direct}?application_name=crowd`);
      await crowd.gather();
      try {
        notes.struck += front.busy();
        const before = opened();
        await terminateAll(blow);
        await pause(WINDOW_MS);
        notes.struck += opened() - before;
      } finally {
        await crowd.leave();
      }
      notes.expect(crowd.refused > 0, 'the server never ran out of connections');
    },
  }),
};
