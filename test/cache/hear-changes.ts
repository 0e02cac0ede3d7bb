import { expect, vi } from 'vitest';
import { ChangeListener } from '../../src/consolidated/cache/change-listener.ts';
import { changeSource } from '../../src/consolidated/cache/change-source.ts';
import { Connections } from '../../src/consolidated/connections/connections.ts';
import { Actors, service } from '../../src/consolidated/identity/actors.ts';
import { parseOptions } from '../../src/consolidated/options/parse-options.ts';
import { type Clock, systemClock } from '../../src/contract/clock.ts';
import type { DatabaseServiceOptions } from '../../src/index.ts';

/** As generous as a machine may need that does other things: nothing here measures time. */
const PATIENCE = { timeout: 30_000, interval: 10 };

export interface HeardChanges extends AsyncDisposable {
  readonly listener: ChangeListener;
  /** Tables in the order in which they were told. */
  readonly touched: string[];
  readonly flushes: string[];
  readonly warnings: string[];
  readonly counts: { catalogs: number };
  untilListening(): Promise<void>;
  untilTouched(...tables: readonly string[]): Promise<void>;
}

/** What a service with these options hears, without a cache behind it, once it listens. */
export async function hearChanges(options: DatabaseServiceOptions, clock?: Clock): Promise<HeardChanges> {
  const heard = startToHear(options, clock);
  try {
    await heard.untilListening();
    return heard;
  } catch (error) {
    await heard[Symbol.asyncDispose]();
    throw error;
  }
}

export function startToHear(options: DatabaseServiceOptions, clock: Clock = systemClock): HeardChanges {
  const warnings: string[] = [];
  const config = parseOptions({ onWarning: (message) => void warnings.push(message), ...options });
  const connections = new Connections(config);
  const touched: string[] = [];
  const flushes: string[] = [];
  const counts = { catalogs: 0 };
  const listener = new ChangeListener({
    source: changeSource({
      connections,
      actor: new Actors(config.roles).of(service()),
      clock,
      connectTimeoutMs: config.connectTimeoutMs,
    }),
    sink: {
      touch: (tables) => void touched.push(...tables),
      flush: (cause) => void flushes.push(cause),
    },
    refreshCatalog: async () => {
      counts.catalogs += 1;
    },
    clock,
    random: Math.random,
    onWarning: (message) => void warnings.push(message),
    tell: undefined,
  });
  const untilListening = () => vi.waitFor(() => expect(listener.isListening).toBe(true), PATIENCE);
  listener.start();
  return {
    listener,
    touched,
    flushes,
    warnings,
    counts,
    untilListening,
    untilTouched: (...tables) =>
      vi.waitFor(() => expect(touched).toEqual(expect.arrayContaining([...tables])), PATIENCE),
    async [Symbol.asyncDispose]() {
      await Promise.all([listener.close(), connections.close(0)]);
    },
  };
}
