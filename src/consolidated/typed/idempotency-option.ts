/** The option of a write, a batch or a transaction that is applied once. */
export interface IdempotencyOption {
  /**
   * A text that stands for this write and no other, such as a UUID that the client made when its user pressed the button:
   * 1 to 255 printable characters. The write is applied once. Whoever repeats the call with the same key, statement and
   * values, as the same subject and role, gets the first result, also after an error whose outcome is `unknown`. A key is kept
   * for the service's `idempotency.ttlMs`.
   *
   * Errors: `ConflictError` of code `IDEMPOTENCY_KEY_REUSED` for another statement or other values under the key;
   * `UnreadableDataError` of code `KEPT_RESULT_TOO_LARGE` for a result of more than 256 KiB; `ConfigurationError` of code
   * `OWN_SCHEMA_MISSING` before `cdb init` has run.
   */
  readonly idempotencyKey?: string | undefined;
}
