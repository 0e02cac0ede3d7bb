import type { CallTrace } from '../../contract/call-trace.ts';
import { UsageError } from '../../contract/errors.ts';
import { keepShape } from '../../contract/kept-shapes.ts';
import { type CallLimits, MODE_NAMES } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { CachedReadOption } from '../typed/cache-options.ts';
import type { CallOptions } from '../typed/call-options.ts';

const MAX_TIMEOUT_MS = 2_147_483_647;
const MAX_LABEL_LENGTH = 100;

/** Options of all calls together. */
export type SentOptions = CallOptions & CachedReadOption;

/** What belongs to the call, by own properties alone; see `ownOptions`. */
export function ownCallOptions(options: SentOptions): SentOptions {
  if (typeof options !== 'object' || options === null) return options;
  return {
    mode: own(options, 'mode'),
    timeoutMs: own(options, 'timeoutMs'),
    signal: own(options, 'signal'),
    label: own(options, 'label'),
    cache: own(options, 'cache'),
  };
}

/** The limits of one call, from now on. Throws UsageError for an option that is invalid. */
export function limitsOf(options: CallOptions, config: ServiceConfig): CallLimits {
  if (typeof options !== 'object' || options === null) {
    throw invalid('The options of a call must be an object.');
  }
  const { timeoutMs = config.timeoutMs, signal, mode, label } = options;
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0 || timeoutMs > MAX_TIMEOUT_MS) {
    throw invalid(
      `The option 'timeoutMs' must be a number from 1 to ${MAX_TIMEOUT_MS}. It was ${String(timeoutMs)}.`,
    );
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalid("The option 'signal' must be an AbortSignal.");
  }
  if (mode !== undefined && !MODE_NAMES.includes(mode)) {
    throw invalid(`The option 'mode' must be one of ${MODE_NAMES.join(', ')}. It was ${String(mode)}.`);
  }
  if (label !== undefined && !isLabel(label)) {
    throw invalid(
      `The option 'label' must be text of 1 to ${MAX_LABEL_LENGTH} characters, without control characters.`,
    );
  }
  return {
    deadline: config.clock.now() + timeoutMs,
    signal,
    // One more than allowed, so that a result over the limit is noticed without breaking the connection.
    maxRows: config.maxRows + 1,
    maxBytes: config.maxBytes,
    mayBeShed: config.bulkhead,
    trace: undefined,
  };
}

/** For a call that somebody is told of. Written out, because limits of one shape are read faster. */
export function traced(limits: CallLimits, trace: CallTrace): CallLimits {
  const { deadline, signal, maxRows, maxBytes } = limits;
  return { deadline, signal, maxRows, maxBytes, mayBeShed: own(limits, 'mayBeShed'), trace };
}

/**
 * The rows that a write returns were written: if they were refused for their number, the caller would have a write
 * without its rows. The limit of bytes applies to writes too.
 */
export function uncapped(limits: CallLimits): CallLimits {
  const { deadline, signal, maxBytes } = limits;
  const [mayBeShed, trace] = [own(limits, 'mayBeShed'), own(limits, 'trace')];
  return { deadline, signal, maxRows: Number.MAX_SAFE_INTEGER, maxBytes, mayBeShed, trace };
}

keepShape(uncapped({ deadline: 0.5, signal: undefined, maxRows: 0, maxBytes: 0 }));

/** It goes into logs and comments: one line of plain text. */
function isLabel(label: unknown): boolean {
  return (
    typeof label === 'string' &&
    label.length > 0 &&
    label.length <= MAX_LABEL_LENGTH &&
    label.isWellFormed() &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(label)
  );
}

function invalid(message: string): UsageError {
  return new UsageError(message, { code: 'INVALID_OPTION' });
}
