import { UsageError, ValidationError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';

const MAX_LENGTH = 255;
/** Neither a control character, nor one that ends a line, nor half of a surrogate pair. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;

/**
 * What is given as the key, by its own property alone; see `ownOptions`. Cheap, because every call asks it. What is no object is
 * left to others to refuse.
 */
export function givenKeyOf(options: unknown): unknown {
  if (typeof options !== 'object' || options === null) return undefined;
  return own(options as { readonly idempotencyKey?: unknown }, 'idempotencyKey');
}

/** The key among the options of a call; undefined without one. */
export function idempotencyKeyOf(options: object): string | undefined {
  const given = givenKeyOf(options);
  return given === undefined ? undefined : idempotencyKey(given);
}

/**
 * Throws without the key's text, which may be a secret. A key comes with a request, so that a wrong text is a
 * ValidationError; what is no text is a mistake in code.
 */
export function idempotencyKey(key: unknown): string {
  if (typeof key !== 'string') {
    throw new UsageError(
      `The option 'idempotencyKey' must be a text. It was ${key === null ? 'null' : `of type ${typeof key}`}.`,
      { code: 'INVALID_OPTION' },
    );
  }
  const length = [...key].length;
  if (length === 0 || length > MAX_LENGTH) throw invalid(`It had ${length}`);
  if (!PRINTABLE.test(key)) throw invalid('It had a character that is not');
  return key;
}

function invalid(what: string): ValidationError {
  return new ValidationError(
    `The option 'idempotencyKey' must have 1 to ${MAX_LENGTH} printable characters. ${what}.`,
    { code: 'INVALID_IDEMPOTENCY_KEY' },
  );
}
