import { type Fragment, templateOf } from '../consolidated/raw-sql/fragment.ts';
import { scan } from '../consolidated/raw-sql/scan.ts';
import { UsageError } from '../contract/errors.ts';

/**
 * SQL with `$1`, `$2` and its values, as drivers take them, as a fragment.
 *
 * @throws UsageError `WRONG_CALL` for a number without a value
 */
export function numberedSql(text: string, values: readonly unknown[]): Fragment {
  const parts: string[] = [];
  const bound: unknown[] = [];
  let from = 0;
  for (const token of scan(text).tokens) {
    if (token.kind !== 'parameter') continue;
    const number = Number(token.text);
    if (number < 1 || number > values.length) {
      throw new UsageError(`The SQL has the parameter $${number}, and ${values.length} values.`);
    }
    parts.push(text.slice(from, token.start));
    bound.push(values[number - 1]);
    from = token.end;
  }
  parts.push(text.slice(from));
  return templateOf(Object.freeze(Object.assign(parts, { raw: Object.freeze([...parts]) })), bound);
}
