import { ValidationError } from '../../contract/errors.ts';
import type { Identity } from '../../contract/identity.ts';
import type { CallOptions } from '../call/call.ts';
import type { Runner } from '../call/runner.ts';
import { type AmbientIdentity, type Caller, ExplicitCaller, TokenCaller } from '../identity/caller.ts';
import type { Actors } from '../identity/identity.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import { listenAs } from '../notifications/listen-as.ts';
import type { Listener, NotificationHandler, Subscription } from '../notifications/listener.ts';
import type { Pipeline } from '../pipeline.ts';
import { CallerRunner } from '../transaction/caller-runner.ts';
import { runTransaction, type TransactionOptions } from '../transaction/run-transaction.ts';
import type { TransactionRunner } from '../transaction/transaction-runner.ts';

/** What the handles of one service share. */
export interface ServiceParts {
  readonly pipeline: Pipeline;
  readonly actors: Actors;
  readonly ambient: AmbientIdentity;
  readonly verifyToken: TokenVerifier;
  readonly listener: Listener;
}

/** Where a handle stands: whose it is, and what its statements run in. */
export interface Scope {
  readonly runner: Runner;
  transaction<T>(work: (inner: Scope) => Promise<T>, options: TransactionOptions): Promise<T>;
  as(identity: Identity): Scope;
  runAs<T>(identity: Identity, work: () => T): T;
  withToken(token: string): Scope;
  listen(channel: string, handler: NotificationHandler, options: CallOptions): Promise<Subscription>;
}

/** A handle outside of any transaction. */
export class CallerScope implements Scope {
  readonly runner: Runner;
  readonly #parts: ServiceParts;
  readonly #caller: Caller;

  constructor(parts: ServiceParts, caller: Caller) {
    this.#parts = parts;
    this.#caller = caller;
    this.runner = new CallerRunner(parts.pipeline, caller);
  }

  transaction<T>(work: (inner: Scope) => Promise<T>, options: TransactionOptions): Promise<T> {
    return runTransaction(this.#parts.pipeline, this.#caller, options, (runner) =>
      work(new TransactionScope(runner)),
    );
  }

  as(identity: Identity): Scope {
    const { actors, pipeline } = this.#parts;
    return new CallerScope(this.#parts, new ExplicitCaller(identity, actors, pipeline.config.clock));
  }

  runAs<T>(identity: Identity, work: () => T): T {
    // Looked at now, so that a wrong identity fails here and not in the middle of a request.
    this.#parts.actors.of(identity);
    return this.#parts.ambient.run(identity, work);
  }

  withToken(token: string): Scope {
    const { actors, pipeline, verifyToken } = this.#parts;
    return new CallerScope(this.#parts, new TokenCaller(token, verifyToken, actors, pipeline.config.clock));
  }

  listen(channel: string, handler: NotificationHandler, options: CallOptions): Promise<Subscription> {
    const { pipeline, listener } = this.#parts;
    return listenAs(pipeline, this.#caller, listener, channel, handler, options);
  }
}

/** Inside a transaction: the identity stays what it was at its start. */
class TransactionScope implements Scope {
  readonly runner: TransactionRunner;

  constructor(runner: TransactionRunner) {
    this.runner = runner;
  }

  transaction<T>(work: (inner: Scope) => Promise<T>, options: TransactionOptions): Promise<T> {
    if (Object.keys(options).length > 0) {
      return Promise.reject(
        new ValidationError('A transaction inside a transaction is a savepoint: it takes no options.', {
          code: 'INVALID_OPTION',
        }),
      );
    }
    return this.runner.nested((inner) => work(new TransactionScope(inner)));
  }

  as(): never {
    throw keepsIdentity('as');
  }

  runAs(): never {
    throw keepsIdentity('runAs');
  }

  withToken(): never {
    throw keepsIdentity('withToken');
  }

  listen(): never {
    throw keepsIdentity('listen');
  }
}

function keepsIdentity(method: string): ValidationError {
  return new ValidationError(
    `${method}() is not to be had inside a transaction: it keeps the identity that it started with.`,
    {
      code: 'UNSUPPORTED',
      hint: 'Use the handle outside of it.',
    },
  );
}
