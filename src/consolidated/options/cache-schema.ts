import * as z from 'zod';

const DAY_MS = 86_400_000;
const ttl = z.number().min(1).max(DAY_MS);
const swr = z.number().min(0).max(DAY_MS);
const name = z.string().min(1).max(200);

/** Tables and functions by `name`, of the first of the schemas, or `schema.name`. */
export const cacheSchema = z
  .strictObject({
    maxBytes: z
      .int()
      .min(1_048_576)
      .default(64 * 1024 * 1024),
    ttlMs: ttl.default(60_000),
    swrMs: swr.default(0),
    emptyTtlMs: swr.default(5_000),
    tables: z.record(name, z.strictObject({ ttlMs: ttl.optional(), swrMs: swr.optional() })).default({}),
    functions: z
      .record(name, z.strictObject({ reads: z.array(name).optional(), writes: z.array(name).optional() }))
      .default({}),
    public: z.array(name).default([]),
    claims: z.array(name).optional(),
    listen: z.boolean().default(false),
  })
  .prefault({});
