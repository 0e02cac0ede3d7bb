import type { Answer } from '../../contract/answer.ts';
import { UsageError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import { known, type Layer } from '../call/call.ts';
import type { CallResult } from '../call/ready-statement.ts';
import { type CacheDefaults, cacheRequest } from './cache-request.ts';
import { freeze } from './frozen-value.ts';
import type { WriteTouching } from './touching.ts';

/** Whatever they are, the option is refused alike. */
const NO_TIMES: CacheDefaults = { ttlMs: 1, swrMs: 0 };

/** Inside a transaction nothing is recalled: it sees what it has written. What was asked of the cache is frozen all the same. */
export function unrecalled(touching: Pick<WriteTouching, 'inside'>, next: Layer): Layer {
  return (call) => {
    const { cache } = call.options;
    const isAsked = cacheRequest(cache, NO_TIMES) !== undefined;
    if (isAsked && own(known(call.ready), 'recallable') === undefined) throw notARead();
    touching.inside(call);
    return isAsked ? frozen(next(call)) : next(call);
  };
}

/** What was asked of the cache, where it is not kept. */
export function frozen(answer: Answer<CallResult>): Answer<CallResult> {
  if (answer instanceof Promise) return answer.then(frozenResult);
  return frozenResult(answer);
}

function frozenResult(result: CallResult): CallResult {
  freeze(result.value);
  return result;
}

export function notARead(): UsageError {
  return new UsageError(
    "The option 'cache' is for reads: select, count, vectorSearch, hybridSearch, and rpc of a stable function.",
    {
      code: 'INVALID_OPTION',
    },
  );
}
