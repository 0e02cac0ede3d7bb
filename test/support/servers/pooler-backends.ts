import pg from 'pg';

/** Which server connections a PgBouncer has lent, asked on its console. */
export class PoolerBackends {
  readonly #consoleUrl: string;
  #client: Promise<pg.Client> | undefined;
  /** The last question: the console answers one at a time. */
  #asked: Promise<unknown> = Promise.resolve();

  constructor(consoleUrl: string) {
    this.#consoleUrl = consoleUrl;
  }

  /**
   * Process ids of the backends that serve the clients with these ports now. Empty when there are none, and while the
   * pooler is away.
   */
  of(clientPorts: readonly number[]): Promise<readonly number[]> {
    const answer = this.#asked.then(() => this.#ask(clientPorts));
    this.#asked = answer;
    return answer;
  }

  async #ask(clientPorts: readonly number[]): Promise<readonly number[]> {
    try {
      this.#client ??= this.#connect();
      const client = await this.#client;
      const clients = (await client.query<{ port: number; link: string }>('show clients')).rows;
      const links = new Set(clients.filter(({ port }) => clientPorts.includes(port)).map(({ link }) => link));
      const servers = (await client.query<{ ptr: string; remote_pid: number }>('show servers')).rows;
      return servers.filter(({ ptr }) => links.has(ptr)).map((server) => server.remote_pid);
    } catch {
      this.#client = undefined;
      return [];
    }
  }

  async close(): Promise<void> {
    await this.#asked;
    const client = this.#client;
    this.#client = undefined;
    await client?.then(
      (open) => open.end(),
      () => undefined,
    );
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.#consoleUrl });
    client.on('error', () => {
      this.#client = undefined;
    });
    await client.connect();
    return client;
  }
}
