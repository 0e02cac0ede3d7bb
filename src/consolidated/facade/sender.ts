import { UsageError } from '../../contract/errors.ts';
import type { StatementKind } from '../../contract/statement.ts';
import { Call, type CallPlace } from '../call/call.ts';
import { asOne, held, type ReadyStatement, type Uncompiled } from '../call/ready-statement.ts';
import { idempotencyKeyOf, mayHaveKey } from '../idempotency/idempotency-key.ts';
import { keyedPrepare } from '../idempotency/keyed-ready.ts';
import { type Caller, callerOfNow } from '../identity/caller.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import { Handover } from '../transaction/handover.ts';
import { drink } from '../transaction/stream.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { DescribedStatement } from './described-statement.ts';
import type { Ways } from './ways.ts';

/** Makes calls from described statements, as one caller in one place, and sends them. */
export class Sender {
  readonly #ways: Ways;
  readonly #place: CallPlace;
  readonly #caller: Caller;
  readonly #config: Pick<ServiceConfig, 'clock' | 'idempotency'>;

  constructor(
    ways: Ways,
    place: CallPlace,
    caller: Caller,
    config: Pick<ServiceConfig, 'clock' | 'idempotency'>,
  ) {
    this.#ways = ways;
    this.#place = place;
    this.#caller = caller;
    this.#config = config;
  }

  send(described: DescribedStatement<unknown>, options: CallOptions): Promise<unknown> {
    return this.#run(described.kind, options, described);
  }

  /** All of them or none, in one round trip. Each was held when it was built. */
  sendAll(described: readonly DescribedStatement<unknown>[], options: CallOptions): Promise<unknown> {
    const all = held((catalog, actor, trace) =>
      asOne(described.map((one) => one.prepare(catalog, actor, trace))),
    );
    return this.#run('batch', options, all);
  }

  /** Starts when the first row is requested, with the caller's identity of now. */
  stream(
    described: DescribedStatement<unknown>,
    options: CallOptions,
    batchSize: number,
  ): AsyncGenerator<unknown, void> {
    const caller = callerOfNow(this.#caller, this.#config.clock);
    const task = { batchSize, handover: new Handover<readonly unknown[]>() };
    return drink(new Call('stream', this.#place, caller, options, described.later, task), this.#ways.stream);
  }

  explain(described: DescribedStatement<unknown>, options: CallOptions, analyze: boolean): Promise<unknown> {
    const call = new Call('explain', this.#place, this.#caller, options, described, { analyze });
    return this.#ways.explain(call);
  }

  explainCache(described: DescribedStatement<unknown>): Promise<unknown> {
    const call = new Call('explain', this.#place, this.#caller, {}, described, undefined);
    return this.#ways.explainCache(call);
  }

  #run(
    kind: StatementKind,
    options: CallOptions,
    uncompiled: Uncompiled<ReadyStatement<unknown>>,
  ): Promise<unknown> {
    if (mayHaveKey(options)) return this.#runOnce(kind, options, uncompiled);
    return this.#send(new Call(kind, this.#place, this.#caller, options, uncompiled, undefined));
  }

  #send(call: Call): Promise<unknown> {
    return this.#place.inside === undefined ? this.#ways.run(call) : this.#ways.runInside(call);
  }

  async #runOnce(
    kind: StatementKind,
    options: CallOptions,
    uncompiled: Uncompiled<ReadyStatement<unknown>>,
  ): Promise<unknown> {
    const key = idempotencyKeyOf(options);
    if (key === undefined) {
      return this.#send(new Call(kind, this.#place, this.#caller, options, uncompiled, undefined));
    }
    if (this.#place.inside !== undefined) throw keyInside();
    const prepare = keyedPrepare(
      (catalog, actor, trace) => uncompiled.prepare(catalog, actor, trace),
      key,
      this.#config.idempotency.ttlMs,
    );
    const keyed = { prepare, hold: () => uncompiled.hold(), question: () => undefined };
    return this.#ways.run(new Call(kind, this.#place, this.#caller, options, keyed, undefined));
  }
}

function keyInside(): UsageError {
  return new UsageError("The option 'idempotencyKey' is not available inside a transaction.", {
    code: 'UNSUPPORTED',
    hint: 'Give the key to transaction(): all that happens in it is applied once.',
  });
}
