import * as z from 'zod';
import { ConfigurationError } from '../contract/errors.ts';
import type { RolloutTrip } from './flag-source.ts';

const parser: z.ZodType<RolloutTrip> = z.object({
  id: z.string(),
  at: z.string(),
  reason: z.enum(['errors', 'slow', 'differences']),
  operation: z.string(),
  table: z.string(),
  consolidated: z.number(),
  legacy: z.number(),
});

/**
 * A trip that a process has stored. What is there and cannot be understood must not look like none.
 *
 * @throws ConfigurationError `INVALID_FLAG`
 */
export function readTrip(value: unknown): RolloutTrip {
  const parsed = parser.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError('The trip that is stored with the flag of the rollout cannot be understood.', {
    code: 'INVALID_FLAG',
    hint: 'Take it away to let traffic return.',
  });
}
