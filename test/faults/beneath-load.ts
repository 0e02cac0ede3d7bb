/** Brings a fault about beneath a mixed load, again and again, until there are enough operations. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, FaultStage } from './fault.ts';
import type { Front, FrontOptions } from './front.ts';
import type { Load, LoadOptions } from './load.ts';

export interface Blow extends FaultStage {
  readonly front: Front;
  readonly load: Load;
}

export interface BeneathLoadOptions {
  readonly front?: FrontOptions | (() => FrontOptions);
  readonly load?: LoadOptions;
  /** Errors that the fault may cause, as `CODE (SQLSTATE)`. @defaultValue any of the package */
  readonly allowedErrors?: RegExp;
  readonly recoveryLimitMs?: number;
  /** Milliseconds of load in peace before each blow. */
  readonly peaceMs?: number;
  /** Brings the fault about and takes it back. Resolves when the server can answer again. */
  readonly strike: (blow: Blow) => Promise<void>;
}

/** Waited for a recovery beyond what is allowed, to tell how long it took. */
const FURTHER_PATIENCE_MS = 3_000;

export function beneathLoad(options: BeneathLoadOptions): Fault['play'] {
  return async (stage) => {
    const { notes, servers } = stage;
    const { front: frontOptions, peaceMs = 120 } = options;
    notes.allowedErrors = options.allowedErrors;
    if (options.recoveryLimitMs !== undefined) notes.recoveryLimitMs = options.recoveryLimitMs;
    await servers.numbers.seedAhead();
    const front = await stage.openFront(typeof frontOptions === 'function' ? frontOptions() : frontOptions);
    const load = stage.makeLoad(front, options.load);
    load.start();
    try {
      do {
        await servers.numbers.seedAhead();
        await pause(peaceMs);
        await options.strike({ ...stage, front, load });
        const since = performance.now();
        notes.recovered(await load.recovered(since, notes.recoveryLimitMs + FURTHER_PATIENCE_MS));
      } while (load.ended.length < stage.operations);
    } finally {
      await load.stop();
    }
  };
}
