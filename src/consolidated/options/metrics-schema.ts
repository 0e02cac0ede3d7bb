import type { Registry } from 'prom-client';
import * as z from 'zod';

/**
 * Upper bounds in seconds: the median of a read by key on loopback is below the first, the default deadline of a call is the
 * last.
 */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const given = z.strictObject({
  registry: z
    .custom<Registry>(
      (value) => typeof value === 'object' && value !== null && 'registerMetric' in value,
      'must be a Registry of prom-client',
    )
    .optional(),
  prefix: z
    .string()
    .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,49}$/, 'must be letters, digits and _, 50 at most')
    .default('cdb_'),
  buckets: z
    .array(z.number().positive())
    .min(1)
    .max(100)
    .refine((bounds) => bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!), 'must grow')
    .default(BUCKETS),
  service: z.string().min(1).max(63).optional(),
  maxLabelSets: z.int().min(0).max(100_000).default(500),
  recentCalls: z.int().min(1).max(1_000_000).default(10_000),
});

/** `true` is the same as no settings of one's own. */
export const metricsSchema = z
  .union([z.boolean(), given])
  .default(false)
  .transform((value) => (value === true ? given.parse({}) : value));
