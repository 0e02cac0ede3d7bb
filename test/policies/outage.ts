import {
  CircuitOpenError,
  ConnectionError,
  OutcomeUnknownError,
  OverloadedError,
  TimeoutError,
} from '../../src/index.ts';

/** The servers did not answer, or not in time: this says nothing of the policies, and must not count as a difference. */
export function isOutage(error: unknown): boolean {
  return [CircuitOpenError, ConnectionError, OutcomeUnknownError, OverloadedError, TimeoutError].some(
    (outage) => error instanceof outage,
  );
}
