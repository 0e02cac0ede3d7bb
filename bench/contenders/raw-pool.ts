import { RawConnection } from './raw-connection.ts';

/** What opens each connection, and what is sent and answered on it before anything else. */
interface FirstSent {
  readonly startupOptions: string;
  readonly bytes: Buffer;
}

/** Bare connections, handed out in the order in which they were asked for. */
export class RawPool {
  readonly #all: readonly RawConnection[];
  readonly #idle: RawConnection[];
  readonly #waiting: ((connection: RawConnection) => void)[] = [];

  private constructor(connections: readonly RawConnection[]) {
    this.#all = connections;
    this.#idle = [...connections];
  }

  static async open(url: string, size: number, first: FirstSent | undefined): Promise<RawPool> {
    const connections = await Promise.all(
      Array.from({ length: size }, () => RawConnection.open(url, first?.startupOptions)),
    );
    if (first !== undefined) await Promise.all(connections.map((each) => each.roundTrip(first.bytes)));
    return new RawPool(connections);
  }

  async roundTrip(bytes: Buffer): Promise<Buffer> {
    const connection =
      this.#idle.pop() ?? (await new Promise<RawConnection>((resolve) => this.#waiting.push(resolve)));
    try {
      return await connection.roundTrip(bytes);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(connection);
      else next(connection);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((each) => each.close()));
  }
}
