import { hasWideNumber } from './wide-numbers.ts';

type Fetch = typeof fetch;

/** What happened on the wire of one call; supabase-js tells less of it. Of several tries, the last. */
export interface RecordedExchange {
  isSent: boolean;
  status: number | undefined;
  /** Of 'Content-Range', such as `0-9/40`. */
  range: string | undefined;
  retryAfterMs: number | undefined;
  /** A number of the answer has more digits than a JavaScript number. */
  isWide: boolean;
  /** Why there is no answer, or no whole one. */
  failure: unknown;
}

const NOTHING_YET = {
  status: undefined,
  range: undefined,
  retryAfterMs: undefined,
  isWide: false,
  failure: undefined,
};

const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * A `fetch` that notes what became of each call. A call is known by its signal, which supabase-js passes on: its requests do
 * not have to be told apart in any other way, however many are under way.
 */
export class RecordedFetch {
  readonly #fetch: Fetch;
  readonly #exchanges = new WeakMap<AbortSignal, RecordedExchange>();

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** Notes what becomes of the request that has this signal. */
  record(signal: AbortSignal): RecordedExchange {
    const exchange: RecordedExchange = { isSent: false, ...NOTHING_YET };
    this.#exchanges.set(signal, exchange);
    return exchange;
  }

  readonly fetch: Fetch = async (input, init) => {
    const exchange = init?.signal ? this.#exchanges.get(init.signal) : undefined;
    if (exchange === undefined) return this.#fetch(input, init);
    Object.assign(exchange, { isSent: true, ...NOTHING_YET });
    try {
      const response = await this.#fetch(input, init);
      const text = await response.text();
      const { status, statusText, headers } = response;
      exchange.status = status;
      exchange.range = headers.get('content-range') ?? undefined;
      exchange.retryAfterMs = secondsOf(headers.get('retry-after'));
      exchange.isWide = response.ok && hasWideNumber(text);
      return new Response(NO_BODY.has(status) ? null : text, { status, statusText, headers });
    } catch (error) {
      exchange.failure = error ?? new Error('fetch failed');
      throw error;
    }
  };
}

function secondsOf(retryAfter: string | null): number | undefined {
  return retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined;
}
