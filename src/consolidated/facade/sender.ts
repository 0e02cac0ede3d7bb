import type { Clock } from '../../contract/clock.ts';
import type { StatementKind } from '../../contract/statement.ts';
import { Call, type CallPlace } from '../call/call.ts';
import { asOne, type Prepare, type ReadyStatement } from '../call/ready-statement.ts';
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

  send({ kind, prepare }: DescribedStatement<unknown>, options: CallOptions): Promise<unknown> {
    return this.#run(kind, options, prepare);
  }

  /** All of them or none, in one round trip. */
  sendAll(described: readonly DescribedStatement<unknown>[], options: CallOptions): Promise<unknown> {
    return this.#run('batch', options, (catalog, actor, trace) =>
      asOne(described.map(({ prepare }) => prepare(catalog, actor, trace))),
    );
  }

  /** Starts when the first row is requested, with the caller's identity of now. */
  stream(
    { prepare }: DescribedStatement<unknown>,
    options: CallOptions,
    batchSize: number,
  ): AsyncGenerator<unknown, void> {
    const caller = callerOfNow(this.#caller, this.#clock);
    const task = { batchSize, handover: new Handover<readonly unknown[]>() };
    return drink(new Call('stream', this.#place, caller, options, prepare, task), this.#ways.stream);
  }

  explain(
    { prepare }: DescribedStatement<unknown>,
    options: CallOptions,
    analyze: boolean,
  ): Promise<unknown> {
    const call = new Call('explain', this.#place, this.#caller, options, prepare, { analyze });
    return this.#ways.explain(call);
  }

  #run(
    kind: StatementKind,
    options: CallOptions,
    prepare: Prepare<ReadyStatement<unknown>>,
  ): Promise<unknown> {
    const call = new Call(kind, this.#place, this.#caller, options, prepare, undefined);
    return this.#place.inside === undefined ? this.#ways.run(call) : this.#ways.runInside(call);
  }
}
