import { ConfigurationError, type DatabaseErrorDetails } from '../../contract/errors.ts';
import type { ServerMessage } from './messages.ts';

/** An undefined function, and an undefined schema. */
const UNDEFINED: ReadonlySet<string | undefined> = new Set(['42883', '3F000']);

/** `schema "cdb" does not exist`, `function cdb.claim_key(text, …) does not exist`, in any language. */
const OWN_SCHEMA = /\bcdb\b/;

/** What the server says where the schema `cdb` is missing, or older than what was called. */
export function namesOwnSchema(code: string | undefined, message: string | undefined): boolean {
  return UNDEFINED.has(code) && OWN_SCHEMA.test(message ?? '');
}

/** A statement of ours needs the schema `cdb`, of which the database has no version, or an older one. */
export function missingOwnSchema(
  error: ServerMessage,
  details: DatabaseErrorDetails,
): ConfigurationError | undefined {
  const isOwnText = error.position !== undefined && error.where === undefined;
  if (!isOwnText || !namesOwnSchema(error.code, error.message)) return undefined;
  return new ConfigurationError(
    'The database lacks the schema cdb of this package, or has an older version of it. Nothing was changed.',
    {
      ...details,
      code: 'OWN_SCHEMA_MISSING',
      hint: "Run 'cdb init' with the URL of the owner of the database. It creates the schema and brings it up to date.",
    },
  );
}
