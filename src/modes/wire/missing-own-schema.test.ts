import { describe, expect, it } from 'vitest';
import { serverMessage } from '../../../test/support/server-message.ts';
import type { ServerMessage } from './messages.ts';
import { translateServerError } from './server-errors.ts';

function told(code: string, message: string, more: Partial<ServerMessage> = {}): string {
  const error = serverMessage({ code, message, position: '8', ...more });
  return translateServerError(error, { access: 'write' }).code;
}

describe('what a database lacks', () => {
  it.each([
    ['3F000', 'schema "cdb" does not exist'],
    ['3F000', 'Schema »cdb« existiert nicht'],
    ['42883', 'function cdb.claim_key(text, text, text, bigint) does not exist'],
    ['42883', 'la fonction cdb.keep_result(text, text, text) n’existe pas'],
  ])('is the schema of this package: %s %s', (code, message) => {
    expect(told(code, message)).toBe('OWN_SCHEMA_MISSING');
  });

  it.each<[string, string, Partial<ServerMessage>?]>([
    ['3F000', 'schema "cdbx" does not exist'],
    ['42883', 'function public.claim_key(text) does not exist'],
    ['42P01', 'relation "cdb.more" does not exist'],
    // A function of the application names it, not a statement of ours.
    ['42883', 'function cdb.claim_key() does not exist', { where: 'PL/pgSQL function mine() line 1' }],
    ['42883', 'function cdb.claim_key() does not exist', { position: undefined }],
  ])('is something else: %s %s', (code, message, more) => {
    expect(told(code, message, more)).toBe('INVALID_STATEMENT');
  });
});
