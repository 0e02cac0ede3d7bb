import { RawConnection } from './raw-connection.ts';

/** What opens each connection, and what is sent and answered on it before anything else. */
interface FirstSent {
  readonly startupOptions: string | undefined;
  readonly parts: readonly Buffer[];
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
    await Promise.all(connections.map((each) => inTurn(each, first?.parts ?? [])));
    return new RawPool(connections);
  }

  async roundTrip(bytes: Buffer): Promise<Buffer> {
    const [reply] = await this.call([bytes]);
    return reply!;
  }

  /** All parts on one connection, each when the one before it has been answered. */
  async call(parts: readonly Buffer[]): Promise<readonly Buffer[]> {
    const connection =
      this.#idle.pop() ?? (await new Promise<RawConnection>((resolve) => this.#waiting.push(resolve)));
    try {
      return await inTurn(connection, parts);
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

async function inTurn(connection: RawConnection, parts: readonly Buffer[]): Promise<readonly Buffer[]> {
  const replies: Buffer[] = [];
  for (const part of parts) replies.push(await connection.roundTrip(part));
  return replies;
}
