/** What the hostile pooler can do wrong, how often, and the words that poolers use for it. */
import { backend } from './protocol-messages.ts';

/** Probabilities from 0 to 1, each per batch. All are 0 unless given: the pooler's constant habits need no chance. */
export interface FaultChances {
  /** Two clients that wait for a reply get each other's, complete and well formed. */
  swapReplies: number;
  /** Half of the first read of a reply goes to its client, the rest is exchanged with another client's. */
  swapMidReply: number;
  /** A second copy of a complete reply follows the first, when nothing is awaited any more. */
  duplicateReply: number;
  /** A copy of a complete reply goes to another client too, idle or not. */
  strayReply: number;
  /** The reply never comes. The statement ran. */
  swallowReply: number;
  /** The reply stops in the middle of its first read and never goes on. The statement ran. */
  cutReply: number;
  /** FATAL instead of a connection to the server: nothing ran. */
  killBeforeCheckout: number;
  /** FATAL instead of the reply, after the batch went to the server: nobody can know. */
  killAfterSync: number;
  /** FATAL 57P01 while the client is idle, after a good reply. */
  killIdle: number;
  /** A cancel request for a client without a running batch hits the backend that served it last. */
  cancelHitsFormer: number;
}

export const NO_FAULTS: FaultChances = {
  swapReplies: 0,
  swapMidReply: 0,
  duplicateReply: 0,
  strayReply: 0,
  swallowReply: 0,
  cutReply: 0,
  killBeforeCheckout: 0,
  killAfterSync: 0,
  killIdle: 0,
  cancelHitsFormer: 0,
};

/** A mixture for long runs: every fault happens, most batches pass. */
export const BAD_DAY: FaultChances = {
  swapReplies: 0.01,
  swapMidReply: 0.005,
  duplicateReply: 0.005,
  strayReply: 0.005,
  swallowReply: 0.001,
  cutReply: 0.001,
  killBeforeCheckout: 0.003,
  killAfterSync: 0.003,
  killIdle: 0.003,
  cancelHitsFormer: 0.5,
};

/** What it did. Faults are counted when they took effect, not when they were drawn. */
export interface PoolerCounts extends FaultChances {
  logins: number;
  failedLogins: number;
  /** Batches (up to a Sync, or one simple query) that went to a server. */
  batches: number;
  checkouts: number;
  /** Most clients that waited for a server connection at the same time. */
  maxWaiting: number;
  /** Bare Syncs of an idle client that the pooler answered itself, dropping the rest of the read. */
  bareSyncs: number;
  /** Releases at bytes that looked like ReadyForQuery and were row data. */
  forgedReleases: number;
  /** Pieces of a reply that went to a client which had not sent its batch: the truth that a test measures against. */
  foreignDeliveries: number;
  /** Reads from a server connection that no client held. */
  orphanReads: number;
  /** Bind messages whose value went on as protocol messages after U+0000. */
  smuggled: number;
  cancels: number;
  /** Cancels that were delivered while the backend served another client. */
  cancelsHitStranger: number;
}

export function noCounts(): PoolerCounts {
  return {
    ...NO_FAULTS,
    logins: 0,
    failedLogins: 0,
    batches: 0,
    checkouts: 0,
    maxWaiting: 0,
    bareSyncs: 0,
    forgedReleases: 0,
    foreignDeliveries: 0,
    orphanReads: 0,
    smuggled: 0,
    cancels: 0,
    cancelsHitStranger: 0,
  };
}

const fatal = (code: string, message: string): Buffer => backend.error({ severity: 'FATAL', code, message });

/** Errors in the form in which Supavisor sends them: FATAL, mostly XX000, its own code within the message. */
export const POOLER_ERRORS = {
  checkoutTimeout: fatal(
    'XX000',
    '(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 60000ms in transaction mode',
  ),
  handlerExited: fatal('XX000', '(EDBHANDLEREXITED) connection to database closed'),
  maxClients: fatal('XX000', '(EMAXCONN) max client connections reached'),
  banned: fatal('XX000', '(ECIRCUITBREAKER) too many authentication failures, new connections are blocked'),
  adminShutdown: fatal('57P01', 'terminating connection due to administrator command'),
  wrongPassword: fatal('28P01', 'password authentication failed'),
  unreachable: (why: string) => fatal('08006', `Failed to connect to database: ${why}`),
} as const;
