import { UsageError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import type { DeclaredWrites } from '../typed/declared-writes.ts';

/** The option `writes`. Undefined where it is left out. */
export function declaredWrites(options: DeclaredWrites): readonly string[] | undefined {
  const given: unknown = own(options, 'writes');
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || !given.every((name) => typeof name === 'string' && name !== '')) {
    throw new UsageError("The option 'writes' must be an array of names of tables.", {
      code: 'INVALID_OPTION',
    });
  }
  return given.map(String);
}
