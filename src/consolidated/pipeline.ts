import type { CacheRules } from './cache/cache-rules.ts';
import { explainingCache } from './cache/explain-cache.ts';
import type { WriteTouching } from './cache/touching.ts';
import { unrecalled } from './cache/unrecalled.ts';
import { admitted, identified, inTurn } from './call/admission.ts';
import { attempts } from './call/attempts.ts';
import type { Layer } from './call/call.ts';
import { addCallerFrames } from './call/caller-frames.ts';
import { compiled } from './call/compilation.ts';
import { explained } from './call/explain-failure.ts';
import type { CallResult } from './call/ready-statement.ts';
import { type Gate, type Modes, Router } from './call/router.ts';
import type { Send, Ways } from './facade/ways.ts';
import type { CallListener } from './monitoring/parted.ts';
import { commented, type SqlComments } from './monitoring/sql-comments.ts';
import { Telemetry } from './monitoring/telemetry.ts';
import type { Listener } from './notifications/listener.ts';
import { listening } from './notifications/listening.ts';
import type { ServiceConfig } from './options/parse-options.ts';
import type { Resilience } from './resilience/resilience.ts';
import { explaining } from './transaction/explain.ts';
import { inside } from './transaction/inside.ts';
import { apart, type OpenTransactions } from './transaction/open-transactions.ts';
import { transacting } from './transaction/run-transaction.ts';
import { streaming } from './transaction/stream.ts';
import type { ServiceCatalogs } from './transaction/transaction-catalogs.ts';

interface PipelineParts {
  readonly config: ServiceConfig;
  readonly connections: Modes;
  readonly catalogs: ServiceCatalogs;
  readonly listener: Pick<Listener, 'listen'>;
  readonly open: OpenTransactions;
  /** Undefined where nobody is told of calls. */
  readonly tellCall?: CallListener | undefined;
  /** Undefined where statements do not say who sent them. */
  readonly comments?: SqlComments | undefined;
  /** Comes before the modes: entered and left around each attempt. */
  readonly gate?: Gate | undefined;
  /** What follows a failure: attempts that are made again, and other modes. */
  readonly retries?: Resilience['retries'];
  readonly fallback?: Resilience['fallback'];
  /** Comes between compilation and attempts, and may answer by itself. */
  readonly recall?: ((next: Layer) => Layer) | undefined;
  /** Comes before compilation, and may answer by itself. */
  readonly early?: ((next: Layer) => Layer) | undefined;
  /** Outdates what writes change. */
  readonly touching?: WriteTouching | undefined;
  /** Says what may be recalled. */
  readonly cacheRules?: CacheRules | undefined;
}

/**
 * The only place where the stages of a call are composed, once for a service:
 * telemetry → admission → identity (→ apart from open transactions) → compilation → recall → attempts (route, gate, batch, reading).
 */
export function composePipeline(parts: PipelineParts): Ways {
  const { config, connections, catalogs, listener, open, tellCall, comments } = parts;
  const { gate, retries, fallback, recall = itself, early = itself, touching, cacheRules } = parts;
  const { clock, schemas } = config;
  const router = new Router(connections, clock, gate, fallback, touching);
  const telemetry = tellCall && new Telemetry(tellCall, clock);

  function sentence<Task>(
    last: Layer<Task>,
    ready: (next: Layer<Task>) => Layer<Task> = (next) => apart(open, compiled(next)),
  ): Send<Task> {
    const spoken = ready(comments === undefined ? last : commented(comments, last));
    return door(admitted(clock, inTurn(clock, identified(clock, spoken))), schemas, telemetry);
  }

  return {
    run: sentence(recall(attempts(router, retries)), (next) => apart(open, early(compiled(next)))),
    runInside: sentence(touching === undefined ? inside : unrecalled(touching, inside)),
    stream: sentence(streaming(router, clock, catalogs)),
    explain: sentence(explaining(router)),
    explainCache: sentence(cacheRules === undefined ? attempts(router) : explainingCache(cacheRules)),
    transaction: sentence(transacting(router, catalogs, open, config)),
    // There is nothing to compile. A subscription is no part of any transaction, so it may begin inside one.
    listen: sentence(listening(router, listener), (next) => next),
  };
}

/** Layers may answer at once, throw or reject; callers get a promise, and of errors those of this package only. */
function door<Task>(
  first: Layer<Task>,
  schemas: readonly string[],
  telemetry: Telemetry | undefined,
): Send<Task> {
  return async (call) => {
    const beganAt = telemetry === undefined ? 0 : telemetry.begin(call);
    let result: CallResult;
    try {
      const answer = first(call);
      call.hold();
      result = answer instanceof Promise ? await answer : answer;
    } catch (error) {
      telemetry?.failed(call, beganAt, error);
      const isOwn = call.thrown !== undefined && call.thrown.error === error;
      const failure = isOwn ? error : explained(error, call, schemas);
      // Who reads a stream awaits its generator.
      if (call.kind !== 'stream') addCallerFrames(failure);
      throw failure;
    }
    telemetry?.answered(call, beganAt, result);
    return result.value;
  };
}

function itself(next: Layer): Layer {
  return next;
}
