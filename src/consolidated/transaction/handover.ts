/**
 * Hands items from work that runs by itself to a consumer that asks for them, one at a time and never ahead
 * of the asking by more than one.
 */
export class Handover<T> {
  #item: { readonly value: T } | undefined;
  #end: { readonly error: unknown } | undefined;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducer: (() => void) | undefined;
  #stopped = false;

  /** Producer: resolves when the consumer has taken the item; `false` when there is no consumer any more. */
  async offer(value: T): Promise<boolean> {
    if (this.#stopped) return false;
    this.#item = { value };
    this.#wakeConsumer?.();
    await new Promise<void>((resolve) => {
      this.#wakeProducer = resolve;
    });
    return !this.#stopped;
  }

  /** Producer: nothing more will come; with an error, the consumer gets it. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wakeConsumer?.();
  }

  /** Consumer: the next item, or undefined at the end. */
  async take(): Promise<T | undefined> {
    while (this.#item === undefined && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve;
      });
    }
    const item = this.#item;
    if (item !== undefined) {
      this.#item = undefined;
      this.#wakeProducer?.();
      return item.value;
    }
    if (this.#end?.error !== undefined) throw this.#end.error;
    return undefined;
  }

  /** Consumer: wants no more. */
  stop(): void {
    this.#stopped = true;
    this.#wakeProducer?.();
  }
}
