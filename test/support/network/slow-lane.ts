/** One direction of a connection on its way through a slow network: bytes come late or in pieces, never out of order. */
import type { Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Direction, Faults } from './network-faults.ts';

export class SlowLane {
  readonly #to: Socket;
  readonly #faults: Faults;
  readonly #direction: Direction;
  /** Reads that have not wholly passed. */
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(to: Socket, faults: Faults, direction: Direction) {
    this.#to = to;
    this.#faults = faults;
    this.#direction = direction;
  }

  /** What comes while something is on its way has to wait for it. */
  get isNeeded(): boolean {
    return this.#waiting > 0 || this.#faults.delayMs > 0 || this.#drip !== undefined;
  }

  push(chunk: Buffer): void {
    const due = performance.now() + this.#faults.delayMs;
    this.#waiting++;
    this.#turn = this.#turn.then(async () => {
      await this.#pass(chunk, due);
      this.#waiting--;
    });
  }

  get #drip(): Faults['drip'] {
    return this.#direction === 'to-client' ? this.#faults.drip : undefined;
  }

  async #pass(chunk: Buffer, due: number): Promise<void> {
    const left = due - performance.now();
    if (left > 0) await pause(left);
    for (let at = 0; at < chunk.length && !this.#to.destroyed; ) {
      const drip = this.#drip;
      if (drip === undefined) {
        this.#to.write(chunk.subarray(at));
        return;
      }
      this.#to.write(chunk.subarray(at, at + drip.bytes));
      at += drip.bytes;
      await (drip.everyMs === 0 ? nextTurn() : pause(drip.everyMs));
    }
  }
}
