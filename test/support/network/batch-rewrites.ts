/**
 * What a pooler gone wrong could do to the set-up of a batch (role, claims, limits) on its way to the server: hooks for
 * `HostilePooler`, for the tests that nothing comes back when the set-up did not take effect.
 *
 * The set-up is the statement of the batch whose text calls `set_config`; behind it come the caller's own.
 */
import { type BatchStep, stepsOf } from './batch-steps.ts';
import { MessageReader, type TypedMessage } from './message-reader.ts';
import type { BatchHook } from './pooler-hook.ts';
import { frontend } from './protocol-messages.ts';

type SetUpRewrite = (setUp: BatchStep) => readonly TypedMessage[];

/** The set-up fails on the server, which then skips to the Sync. */
export function failSetUp(): BatchHook {
  return rewriteSetUp(() => messagesOf(frontend.parse('select 1/0'), frontend.bind(), frontend.execute()));
}

/** The set-up never reaches the server: the statements behind it run with neither role nor claims. */
export function dropSetUp(): BatchHook {
  return rewriteSetUp(() => []);
}

/**
 * The set-up answers as it should, nonce included, and sets nothing: each call of set_config gives an empty text.
 * What the client can check is right, so only the missing grants of the login role are left to refuse.
 */
export function hollowSetUp(): BatchHook {
  return rewriteSetUp(({ messages, sql = '', values, statement }) => {
    const hollow = sql.replaceAll(SET_CONFIG, 'pg_catalog.left(pg_catalog.concat($1), 0)');
    // Inside concat the server could not tell the types of the parameters.
    const types = values.map(() => TEXT_OID);
    return messages.flatMap((sent) =>
      sent.code === 'P' ? messagesOf(frontend.parse(hollow, { name: statement, types })) : [sent],
    );
  });
}

/** The set-up is exchanged for the last different one that passed, of another batch and perhaps of another user. */
export function swapSetUp(): BatchHook & { readonly swapped: () => number } {
  const seen: BatchStep[] = [];
  let swapped = 0;
  const hook = rewriteSetUp((setUp) => {
    const other = seen.findLast(({ values }) => values.join() !== setUp.values.join());
    seen.push(setUp);
    if (seen.length > SET_UPS_KEPT) seen.shift();
    if (other === undefined) return setUp.messages;
    swapped++;
    return other.messages;
  });
  return Object.assign(hook, { swapped: () => swapped });
}

/** Its arguments may hold calls themselves, one deep. */
const SET_CONFIG = /(?:pg_catalog\.)?set_config\(((?:[^()]|\([^()]*\))*)\)/g;
const TEXT_OID = 25;
const SET_UPS_KEPT = 100;

function rewriteSetUp(rewrite: SetUpRewrite): BatchHook {
  return (messages) => {
    const { steps, rest } = stepsOf(messages);
    const setUp = steps.find(({ sql }) => sql?.includes('set_config'));
    if (setUp === undefined) return messages;
    const others = (step: BatchStep) => (step === setUp ? rewrite(setUp) : step.messages);
    return [...steps.flatMap(others), ...rest];
  };
}

function messagesOf(...bytes: readonly Buffer[]): TypedMessage[] {
  return new MessageReader().push(Buffer.concat(bytes));
}
