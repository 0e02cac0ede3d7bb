import { own } from '../../contract/own-property.ts';
import type { ReadyStatement } from './ready-statement.ts';

/**
 * Both ask the same: by the same texts with the same values, or in their own words, as what is learned meanwhile decides how
 * a search is made.
 */
export function askAlike(one: ReadyStatement<unknown>, other: ReadyStatement<unknown>): boolean {
  if (one.statements.length !== other.statements.length) return false;
  const [asked, again] = [own(one, 'asked'), own(other, 'asked')];
  if (asked !== undefined && again !== undefined) return asked() === again();
  const [parts, others] = [own(one, 'parts'), own(other, 'parts')];
  if (parts !== undefined && parts.length === others?.length) {
    return parts.every((part, at) => askAlike(part, others[at]!));
  }
  return one.statements.every(({ plan, values }, at) => {
    const same = other.statements[at];
    return (
      plan.text === same?.plan.text &&
      values.length === same.values.length &&
      values.every((value, index) => value === same.values[index])
    );
  });
}
