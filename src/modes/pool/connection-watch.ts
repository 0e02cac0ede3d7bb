import type { Clock } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { WireConnection } from '../wire/wire-connection.ts';

/**
 * Told of each connection: what opening it took, also when it failed, and how long it lived.
 *
 * @param errorCode - why it could not be opened, or why it broke; undefined for one that was closed
 */
export type OnConnection = (
  change: 'opened' | 'failed' | 'ended',
  milliseconds: number,
  errorCode: string | undefined,
) => void;

/** Sees the connections of a pool come and go, and tells of them. */
export class ConnectionWatch {
  readonly #clock: Clock;
  readonly #tell: OnConnection | undefined;
  #opening = 0;
  #openingSince: number | undefined;

  constructor(clock: Clock, tell: OnConnection | undefined) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** When the oldest opening began, of those that follow each other without a gap; undefined where none is under way. */
  get openingSince(): number | undefined {
    return this.#openingSince;
  }

  /** @returns when this one began */
  opening(): number {
    const now = this.#clock.now();
    this.#opening += 1;
    this.#openingSince ??= now;
    return now;
  }

  opened(since: number): void {
    this.#over();
    this.#tell?.('opened', this.#clock.now() - since, undefined);
  }

  failed(since: number, error: unknown): void {
    this.#over();
    this.#tell?.(
      'failed',
      this.#clock.now() - since,
      error instanceof DatabaseError ? error.code : 'CONNECTION',
    );
  }

  ended({ openedAt, broken }: Pick<WireConnection, 'openedAt' | 'broken'>): void {
    this.#tell?.('ended', this.#clock.now() - openedAt, broken?.code);
  }

  #over(): void {
    this.#opening -= 1;
    if (this.#opening === 0) this.#openingSince = undefined;
  }
}
