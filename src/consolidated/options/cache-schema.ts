import * as z from 'zod';
import type { SecondLevelStore } from '../typed/second-level-store.ts';

const DAY_MS = 86_400_000;
const ttl = z.number().min(1).max(DAY_MS);
const swr = z.number().min(0).max(DAY_MS);
const name = z.string().min(1).max(200);

const KEY_BYTES = 32;

const store = z.custom<SecondLevelStore>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    'getMany' in value &&
    'set' in value &&
    typeof value.getMany === 'function' &&
    typeof value.set === 'function',
  'must have the methods getMany and set, such as keyvStore(keyv)',
);

const encryptionKey = z
  .custom<Uint8Array | string>(
    (value) => keyOf(value)?.length === KEY_BYTES,
    `must be ${KEY_BYTES} random bytes, as a Uint8Array or in base64`,
  )
  .transform((value) => keyOf(value) as Buffer);

function keyOf(value: unknown): Buffer | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value);
  // Buffer leaves out what is not base64.
  if (typeof value !== 'string' || !/^[\w+/-]+=?$/.test(value)) return undefined;
  return Buffer.from(value, 'base64');
}

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
    onlyWatched: z.boolean().default(false),
    secondLevel: z
      .strictObject({
        store,
        encryptionKeys: z.array(encryptionKey).max(10).default([]),
        namespace: name.optional(),
        timeoutMs: z.int().min(1).max(10_000).default(50),
      })
      .optional(),
  })
  .prefault({});
