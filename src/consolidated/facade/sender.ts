import type { Clock } from '../../contract/clock.ts';
import type { StatementKind } from '../../contract/statement.ts';
import { Call, type CallPlace } from '../call/call.ts';
import { asOne, held, type ReadyStatement, type Uncompiled } from '../call/ready-statement.ts';
import { type Caller, callerOfNow } from '../identity/caller.ts';
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
  readonly #clock: Clock;

  constructor(ways: Ways, place: CallPlace, caller: Caller, clock: Clock) {
    this.#ways = ways;
    this.#place = place;
    this.#caller = caller;
    this.#clock = clock;
  }

  send(described: DescribedStatement<unknown>, options: CallOptions): Promise<unknown> {
    return this.#run(described.kind, options, described);
  }

  /** All of them or none, in one round trip. Each was held when it was built. */
  sendAll(described: readonly DescribedStatement<unknown>[], options: CallOptions): Promise<unknown> {
    const all = held((catalog, actor, trace) =>
      asOne(described.map(({ prepare }) => prepare(catalog, actor, trace))),
    );
    return this.#run('batch', options, all);
  }

  /** Starts when the first row is requested, with the caller's identity of now. */
  stream(
    described: DescribedStatement<unknown>,
    options: CallOptions,
    batchSize: number,
  ): AsyncGenerator<unknown, void> {
    const caller = callerOfNow(this.#caller, this.#clock);
    const task = { batchSize, handover: new Handover<readonly unknown[]>() };
    return drink(new Call('stream', this.#place, caller, options, described.later, task), this.#ways.stream);
  }

  explain(described: DescribedStatement<unknown>, options: CallOptions, analyze: boolean): Promise<unknown> {
    const call = new Call('explain', this.#place, this.#caller, options, described, { analyze });
    return this.#ways.explain(call);
  }

  #run(
    kind: StatementKind,
    options: CallOptions,
    uncompiled: Uncompiled<ReadyStatement<unknown>>,
  ): Promise<unknown> {
    const call = new Call(kind, this.#place, this.#caller, options, uncompiled, undefined);
    return this.#place.inside === undefined ? this.#ways.run(call) : this.#ways.runInside(call);
  }
}
