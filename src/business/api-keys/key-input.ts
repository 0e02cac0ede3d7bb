import * as z from 'zod';
import { isPlainObject } from '../../consolidated/values/plain-object.ts';
import type { Clock } from '../../contract/clock.ts';
import { ValidationError } from '../../contract/errors.ts';
import { text, wholeNumber } from '../input-fields.ts';
import type { ListedKeys } from './api-keys.ts';

const SCOPE = /^[A-Za-z0-9][A-Za-z0-9:._*-]{0,63}$/;
const MOST_SCOPES = 50;
const MOST_OVERLAP_MS = 30 * 24 * 3_600_000;

const scopeRule = `must be a list of at most ${MOST_SCOPES} scopes of 1 to 64 letters, digits and :._*-`;
const scopes = z
  .array(z.string(scopeRule).regex(SCOPE, scopeRule), scopeRule)
  .max(MOST_SCOPES, scopeRule)
  .transform((list) => [...new Set(list)]);

const expiryRule = 'must be a Date or a time with its zone, such as 2027-05-01T00:00:00Z, or null';
const expiry = z
  .union([z.date(expiryRule), z.iso.datetime({ offset: true, error: expiryRule })], expiryRule)
  .transform((given) => new Date(given))
  .nullable();

const NAME = text(1, 100);

export const NEW_KEY = {
  name: 'an API key',
  fields: z.strictObject({ name: NAME, scopes: scopes.default([]), expiresAt: expiry.default(null) }),
};

export const RENAMED_KEY = { name: 'an API key', fields: z.strictObject({ name: NAME }) };

export const ROTATION = {
  name: 'a rotation',
  fields: z.strictObject({
    overlapMs: wholeNumber(0, MOST_OVERLAP_MS).default(0),
    expiresAt: expiry.optional(),
  }),
};

export const LISTING = {
  name: 'a list of API keys',
  fields: z.strictObject({
    limit: wholeNumber(1, 1_000).default(100),
    // Compared with its columns by the repository.
    after: z.custom<ListedKeys['after']>(isPlainObject, 'must be the next of a page').optional(),
  }),
};

/** A key that has expired before it is made is a mistake of whoever asked for it. */
export function inFuture(expiresAt: Date | null, clock: Clock): string | null {
  if (expiresAt === null) return null;
  if (expiresAt.getTime() > clock.wallNow()) return expiresAt.toISOString();
  throw new ValidationError("The field 'expiresAt' of an API key must be in the future.", {
    field: 'expiresAt',
  });
}
