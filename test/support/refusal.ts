import { expect } from 'vitest';
import { ConfigurationError, UsageError, ValidationError } from '../../src/index.ts';

/** Refused before anything was sent, whoever is to blame. */
export const refusal = expect.objectContaining({
  name: expect.stringMatching(/^(?:Configuration|Usage|Validation)Error$/),
  outcome: 'not-applied',
});

export function isRefusal(error: unknown): boolean {
  return (
    error instanceof ConfigurationError || error instanceof UsageError || error instanceof ValidationError
  );
}
