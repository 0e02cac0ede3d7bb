import { UsageError } from '../../contract/errors.ts';
import type { Identity } from '../../contract/identity.ts';
import { Call } from '../call/call.ts';
import { held } from '../call/ready-statement.ts';
import type { ServicePlace } from '../call/service-place.ts';
import type { Actors } from '../identity/actors.ts';
import {
  type AmbientIdentity,
  type Caller,
  ExplicitCaller,
  KnownCaller,
  TokenCaller,
} from '../identity/caller.ts';
import type { TokenVerifier } from '../identity/token-verifier.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { OpenTransactions } from '../transaction/open-transactions.ts';
import type { TransactionPlace } from '../transaction/transaction-place.ts';
import type { CallOptions } from '../typed/call-options.ts';
import type { NotificationHandler } from '../typed/subscription.ts';
import type { TransactionOptions } from '../typed/transaction-handle.ts';
import { Sender } from './sender.ts';
import type { Ways } from './ways.ts';

/** What the handles of one service share. */
interface ServiceParts {
  readonly config: ServiceConfig;
  readonly ways: Ways;
  readonly place: ServicePlace;
  readonly actors: Actors;
  readonly ambient: AmbientIdentity;
  readonly open: OpenTransactions;
  readonly verifyToken: TokenVerifier;
}

/** The context of a handle: who it acts as, and where its statements run. */
export interface Scope {
  readonly sender: Sender;
  transaction(work: (inner: Scope) => Promise<unknown>, options: TransactionOptions): Promise<unknown>;
  as(identity: Identity): Scope;
  runAs<T>(identity: Identity, work: () => T): T;
  outside<T>(work: () => T): T;
  withToken(token: string): Scope;
  listen(channel: string, handler: NotificationHandler, options: CallOptions): Promise<unknown>;
}

/** A handle outside of any transaction. */
export class CallerScope implements Scope {
  readonly sender: Sender;
  readonly #parts: ServiceParts;
  readonly #caller: Caller;

  constructor(parts: ServiceParts, caller: Caller) {
    this.#parts = parts;
    this.#caller = caller;
    this.sender = new Sender(parts.ways, parts.place, caller, parts.config);
  }

  transaction(work: (inner: Scope) => Promise<unknown>, options: TransactionOptions): Promise<unknown> {
    const { place, ways } = this.#parts;
    const task = {
      options,
      work: (inner: TransactionPlace) => work(new TransactionScope(this.#parts, inner)),
    };
    return ways.transaction(new Call('transaction', place, this.#caller, options, nothing, task));
  }

  as(identity: Identity): Scope {
    const { actors, config } = this.#parts;
    return new CallerScope(this.#parts, new ExplicitCaller(identity, actors, config.clock));
  }

  runAs<T>(identity: Identity, work: () => T): T {
    // Checked now, so that an invalid identity fails here and not in the middle of a request.
    this.#parts.actors.of(identity);
    return this.#parts.ambient.run(identity, work);
  }

  outside<T>(work: () => T): T {
    return this.#parts.open.outside(work);
  }

  withToken(token: string): Scope {
    const { actors, config, verifyToken } = this.#parts;
    return new CallerScope(this.#parts, new TokenCaller(token, verifyToken, actors, config.clock));
  }

  listen(channel: string, handler: NotificationHandler, options: CallOptions): Promise<unknown> {
    const { place, ways } = this.#parts;
    return ways.listen(new Call('listen', place, this.#caller, options, nothing, { channel, handler }));
  }
}

/** Inside a transaction: the identity stays the one that it started with. */
class TransactionScope implements Scope {
  readonly sender: Sender;
  readonly #parts: ServiceParts;
  readonly #place: TransactionPlace;

  constructor(parts: ServiceParts, place: TransactionPlace) {
    const { config } = parts;
    this.#parts = parts;
    this.#place = place;
    this.sender = new Sender(parts.ways, place, new KnownCaller(place.actor, config.clock), config);
  }

  transaction(work: (inner: Scope) => Promise<unknown>, options: TransactionOptions): Promise<unknown> {
    if (Object.keys(options).length > 0) {
      return Promise.reject(
        new UsageError('A transaction inside a transaction is a savepoint: it has no options.', {
          code: 'INVALID_OPTION',
        }),
      );
    }
    return this.#place.nested((inner) => work(new TransactionScope(this.#parts, inner)));
  }

  as(): never {
    throw keepsIdentity('as');
  }

  runAs(): never {
    throw keepsIdentity('runAs');
  }

  outside(): never {
    throw new UsageError('outside() is not a method of a transaction: it has no place outside of itself.', {
      code: 'UNSUPPORTED',
      hint: 'Use the handle outside the transaction.',
    });
  }

  withToken(): never {
    throw keepsIdentity('withToken');
  }

  listen(): never {
    throw keepsIdentity('listen');
  }
}

function keepsIdentity(method: string): UsageError {
  return new UsageError(
    `${method}() is not available inside a transaction: a transaction keeps the identity that it started with.`,
    {
      code: 'UNSUPPORTED',
      hint: 'Use the handle outside the transaction.',
    },
  );
}

/** There is no statement, only work. */
const nothing = held(() => undefined);
