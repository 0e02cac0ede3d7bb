import { UsageError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import type { DeclaredWrites } from '../typed/declared-writes.ts';

/** The option `writes`. Undefined where it is left out. */
export function declaredWrites(options: DeclaredWrites): readonly string[] | undefined {
  const given: unknown = own(options, 'writes');
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || !given.every((name) => typeof name === 'string' && name !== '')) {
    const was = given === null ? 'null' : Array.isArray(given) ? 'an array' : `of type ${typeof given}`;
    throw new UsageError(`The option 'writes' must be an array of names of tables. It was ${was}.`, {
      code: 'INVALID_OPTION',
      hint: "Such as ['trips', 'other_schema.stops'], or [] for none.",
    });
  }
  return given.map(String);
}
