/** The owner of the journal, who asks over a way of their own that nothing strikes. */
import pg from 'pg';

export type OwnerQuery = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

const PATIENCE_MS = 20_000;
const NAME = 'journal-owner';

export class JournalOwner {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: 4, application_name: NAME });
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

  /** Resolves when nothing of the callers is under way any more. */
  async quiet(): Promise<void> {
    const givenUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const [row] = await this.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity
          where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
            and state <> 'idle' and application_name <> '${NAME}'`,
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
