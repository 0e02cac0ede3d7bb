import { RawConnection } from './raw-connection.ts';

/** Bare connections, handed out in the order in which they were asked for. */
export class RawPool {
  readonly #all: readonly RawConnection[];
  readonly #idle: RawConnection[];
  readonly #waiting: ((connection: RawConnection) => void)[] = [];

  private constructor(connections: readonly RawConnection[]) {
    this.#all = connections;
    this.#idle = [...connections];
  }

  /** `firstBytes` are sent once on each connection, and answered, before anything else. */
  static async open(url: string, size: number, firstBytes: Buffer | undefined): Promise<RawPool> {
    const connections = await Promise.all(Array.from({ length: size }, () => RawConnection.open(url)));
    if (firstBytes !== undefined) await Promise.all(connections.map((each) => each.roundTrip(firstBytes)));
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
