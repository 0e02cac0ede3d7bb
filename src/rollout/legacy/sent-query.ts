import { numberTooLarge } from '../../consolidated/values/exact-number.ts';
import { type Clock, systemClock } from '../../contract/clock.ts';
import { type DatabaseError, UnreadableDataError, UsageError } from '../../contract/errors.ts';
import { aborted, abortedInFlight, timedOut, timedOutInFlight } from '../../contract/failures.ts';
import type { DataApiQuery, DataApiReply } from './data-api-client.ts';
import { dataApiError } from './data-api-errors.ts';
import type { RecordedExchange, RecordedFetch } from './recorded-fetch.ts';
import type { Access } from './sql-state-errors.ts';

/** Limits of a call, as its options have them. */
export interface GivenLimits {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The rows, or whatever the answer holds, and what was noted of it on the wire. */
export interface QueryAnswer {
  readonly data: unknown;
  readonly count: number | undefined;
  readonly status: number | undefined;
  /** The rows of the answer, where it says which of all they are. */
  readonly rows: number | undefined;
}

const MAX_TIMEOUT_MS = 2_147_483_647;

/** Sends the requests of one client within their limits, and makes errors of ours of whatever becomes of them. */
export class QuerySender {
  readonly #recorded: RecordedFetch;
  readonly #timeoutMs: number;
  readonly #clock: Clock;

  constructor(recorded: RecordedFetch, timeoutMs: number, clock = systemClock) {
    this.#recorded = recorded;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** The deadline of a call, which may send several requests. */
  limits({ timeoutMs = this.#timeoutMs, signal }: GivenLimits): SendLimits {
    if (!Number.isFinite(timeoutMs) || timeoutMs <= 0 || timeoutMs > MAX_TIMEOUT_MS) {
      throw new UsageError(
        `The option 'timeoutMs' must be a number from 1 to ${MAX_TIMEOUT_MS}. It was ${String(timeoutMs)}.`,
        { code: 'INVALID_OPTION' },
      );
    }
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new UsageError("The option 'signal' must be an AbortSignal.", { code: 'INVALID_OPTION' });
    }
    return { deadline: this.#clock.now() + timeoutMs, signal };
  }

  /**
   * Sends a request and waits for its answer. A write is sent once: supabase-js repeats none but reads.
   *
   * @throws DatabaseError
   */
  async send(query: DataApiQuery, access: Access, { deadline, signal }: SendLimits): Promise<QueryAnswer> {
    if (signal?.aborted === true) throw aborted(signal, 'before it was sent');
    const remaining = deadline - this.#clock.now();
    if (remaining <= 0) throw timedOut('before the request was sent', "Raise 'timeoutMs'.");
    const controller = new AbortController();
    const exchange = this.#recorded.record(controller.signal);
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const end = (error: (outcome: 'not-applied' | 'unknown') => DatabaseError) => {
      reject(error(access === 'write' && exchange.isSent ? 'unknown' : 'not-applied'));
      controller.abort();
    };
    const onAbort = () => end((outcome) => abortedInFlight(outcome, signal));
    const timer = this.#clock.schedule(() => end(timedOutInFlight), remaining);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      // A fetch of the application's own may not heed its signal.
      const reply = await Promise.race([query.abortSignal(controller.signal), ended]);
      return answerOf(reply, exchange, access);
    } finally {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

export interface SendLimits {
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

function answerOf(
  { data, error, count }: DataApiReply,
  exchange: RecordedExchange,
  access: Access,
): QueryAnswer {
  const { status } = exchange;
  if (error !== null) {
    // A page behind the last row is an error there, and an empty page here.
    if (error.code === 'PGRST103') return { data: [], count: totalOf(exchange), status, rows: 0 };
    throw dataApiError(error, exchange, access);
  }
  // supabase-js takes some answers with an empty body for success, whatever their status.
  if (status === undefined || status >= 400) throw dataApiError({ message: '' }, exchange, access);
  if (exchange.isWide) throw tooWide(access);
  return { data, count: count ?? undefined, status, rows: pageOf(exchange) };
}

/** The rows of a write were written: only their numbers cannot be carried. */
function tooWide(access: Access): DatabaseError {
  const { message, code } = numberTooLarge();
  return new UnreadableDataError(message, {
    code,
    outcome: access === 'write' ? 'applied' : 'not-applied',
    hint: 'Read the column by a view or a function that casts it to text.',
  });
}

function totalOf({ range }: RecordedExchange): number | undefined {
  const total = /\/(\d+)$/.exec(range ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}

function pageOf({ range }: RecordedExchange): number | undefined {
  const [, first, last] = /^(\d+)-(\d+)\//.exec(range ?? '') ?? [];
  return first === undefined ? undefined : Number(last) - Number(first) + 1;
}
