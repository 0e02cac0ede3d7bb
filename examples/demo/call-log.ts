import type { CallEvent, ModeName } from '../../src/index.ts';

/** Collects what the service reports about its calls, for the step that made them. */
export class CallLog {
  readonly #modes = new Set<ModeName>();

  /** Passed to the service as `onCall`. A call that was refused before it had a mode adds none. */
  readonly record = (event: Pick<CallEvent, 'mode'>): void => {
    if (event.mode !== undefined) this.#modes.add(event.mode);
  };

  /** The modes since the last time, each once. */
  takeModes(): readonly ModeName[] {
    const modes = [...this.#modes];
    this.#modes.clear();
    return modes;
  }
}
