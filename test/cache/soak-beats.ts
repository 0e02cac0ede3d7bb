/**
 * How long one process still shows what the other has changed. Each counts up a row of a table that nobody else writes, and
 * asks for the row of the other again and again, so that nothing but what it is told can make it read anew.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { DatabaseHandle } from '../../src/index.ts';

/** A version, and a moment of it on the machine's monotonic clock in milliseconds. */
export type Moment = readonly [version: number, at: number];

/** Of the machine, so that two processes agree. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

export class Beats {
  readonly #own: string;
  readonly #others: string;
  /** When each version was answered. */
  readonly written: Moment[] = [];
  /** When each version of the other process was asked for last that was shown. */
  readonly shown: Moment[] = [];
  #version = 0;

  constructor(process: number) {
    this.#own = `beats_${process}`;
    this.#others = `beats_${1 - process}`;
  }

  async write(db: DatabaseHandle): Promise<void> {
    this.#version += 1;
    const version = this.#version;
    await db.update(this.#own, { version }, { filters: { id: 0 } });
    this.written.push([version, monotonic()]);
  }

  /** @param everyMs rest between two looks */
  async look(db: DatabaseHandle, everyMs: number, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const asked = monotonic();
      const row = await db.selectOne(this.#others, { filters: { id: 0 }, cache: true });
      const { version } = row as unknown as { readonly version: number };
      if (this.shown.at(-1)?.[0] === version) this.shown.pop();
      this.shown.push([version, asked]);
      await pause(everyMs);
    }
  }
}

/**
 * For each write, how long the older version was still shown in the other process after it was answered, in milliseconds: until
 * the last read was asked that was answered with it.
 */
export function stalenessOf(written: readonly Moment[], shown: readonly Moment[]): number[] {
  const inOrder = [...shown].sort(([one], [other]) => one - other);
  let latest = 0;
  let next = 0;
  return written.map(([version, at]) => {
    for (; (inOrder[next]?.[0] ?? version) < version; next++)
      latest = Math.max(latest, inOrder[next]?.[1] ?? 0);
    return Math.max(0, latest - at);
  });
}
