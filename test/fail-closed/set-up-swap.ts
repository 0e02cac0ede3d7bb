import { setUpFor } from '../../src/modes/wire/set-up.ts';
import { type BatchStep, stepsOf } from '../support/network/batch-steps.ts';
import { MessageReader, readBind, type TypedMessage } from '../support/network/message-reader.ts';
import type { BatchHook } from '../support/network/pooler-hook.ts';
import { frontend } from '../support/network/protocol-messages.ts';

const SET_UPS = (['read', 'write'] as const).flatMap((kind) =>
  [true, false].map((pinned) => setUpFor({ kind, pinned }, 0).name),
);

/**
 * Gives each batch the values of the first set-up that passed (role, claims, limits and nonce of another user), also
 * where the set-up is a statement prepared before, of which only the Bind goes over the wire.
 */
export class SetUpSwap {
  readonly hook: BatchHook;
  readonly #keepsNonce: boolean;
  #first: readonly (string | null)[] | undefined;
  #swapped = 0;

  /** @param options.keepsNonce - what no pooler does by mistake: the batch's own nonce with the other's claims */
  constructor({ keepsNonce = false }: { readonly keepsNonce?: boolean } = {}) {
    this.#keepsNonce = keepsNonce;
    this.hook = (messages) => {
      const { steps, rest } = stepsOf(messages);
      const setUp = steps.find((step) => isSetUp(step));
      if (setUp === undefined) return messages;
      return [...steps.flatMap((step) => (step === setUp ? this.#swap(step) : step.messages)), ...rest];
    };
  }

  get swapped(): number {
    return this.#swapped;
  }

  #swap({ messages, values }: BatchStep): readonly TypedMessage[] {
    this.#first ??= values;
    if (this.#first === values) return messages;
    this.#swapped++;
    // Who acts comes first in every form of the set-up; forms differ in what follows.
    const [nonce = null, ...who] = this.#first.slice(0, 3);
    const swapped = [this.#keepsNonce ? (values[0] ?? null) : nonce, ...who, ...values.slice(3)];
    return messages.flatMap((sent) => {
      if (sent.code !== 'B') return [sent];
      return new MessageReader().push(frontend.bind({ ...readBind(sent.body), values: swapped }));
    });
  }
}

function isSetUp({ sql, statement }: BatchStep): boolean {
  return sql?.includes('set_config') === true || SET_UPS.some((name) => statement.startsWith(name));
}
