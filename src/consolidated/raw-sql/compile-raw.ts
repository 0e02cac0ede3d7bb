import { LRUCache } from 'lru-cache';
import { ValidationError } from '../../contract/errors.ts';
import type { Intent, Plan, Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';
import { type Fragment, render } from './fragment.ts';
import { scan, type Token } from './scan.ts';
import { wrapRaw } from './wrap-raw.ts';

const kept = new LRUCache<string, Plan>({
  max: 500,
  maxSize: 8_000_000,
  sizeCalculation: (plan, key) => key.length + plan.text.length + plan.document.length,
});

/**
 * Makes a statement of SQL that is the caller's own: values bound, parameters numbered through all fragments.
 *
 * `plan.document` is empty when the statement has no document form, and then it needs typed rows: a direct or
 * session connection. A semicolon at the end is dropped.
 *
 * Throws ValidationError for more than one statement, for none, and for a value that stands where Postgres
 * takes no parameter: in quotes, in a comment, or glued to a name or number.
 *
 * @param access `read` runs it with `transaction_read_only` on
 */
export function compileRaw(sql: Fragment, access: Intent = 'write'): Statement {
  const { text, values } = render(sql);
  const key = `${access} ${text}`;
  let plan = kept.get(key);
  if (plan === undefined) {
    plan = makePlan(text, values.length, access);
    kept.set(key, plan);
  }
  return { plan, values };
}

function makePlan(sql: string, values: number, intent: Intent): Plan {
  const tokens = scan(sql);
  const origin = 'raw';
  // What cannot be scanned is for the server to refuse, in its own words.
  if (tokens === undefined) return { text: sql, document: '', name: statementName(sql), intent, origin };
  const end = endOfStatement(tokens) ?? sql.length;
  const text = sql.slice(0, end);
  const own = tokens.filter(({ start }) => start < end);
  if (own.length === 0) throw new ValidationError('The SQL holds no statement.', { code: 'EMPTY_STATEMENT' });
  assertAllBound(own, values);
  return { text, document: wrapRaw(text, own, values), name: statementName(text), intent, origin };
}

function endOfStatement(tokens: readonly Token[]): number | undefined {
  const first = tokens.findIndex(({ kind, depth }) => kind === 'semicolon' && depth === 0);
  if (first === -1) return undefined;
  if (tokens.slice(first).some(({ kind }) => kind !== 'semicolon')) {
    // A function body of BEGIN ATOMIC holds semicolons of its own.
    if (
      tokens.some(
        ({ kind, text }, index) =>
          kind === 'word' && text === 'atomic' && tokens[index - 1]?.text === 'begin',
      )
    ) {
      return undefined;
    }
    throw new ValidationError(
      'The SQL holds more than one statement. Send them as a batch or in a transaction.',
      {
        code: 'MULTIPLE_STATEMENTS',
      },
    );
  }
  return tokens[first]!.start;
}

/** Each value has its own parameter, once. */
function assertAllBound(tokens: readonly Token[], values: number): void {
  const seen = tokens.filter(({ kind }) => kind === 'parameter').map(({ text }) => Number(text));
  for (let number = 1; number <= values; number++) {
    if (seen[number - 1] !== number) {
      throw new ValidationError(
        `Value ${number} of the SQL stands where no parameter can: in quotes, in a comment, or glued to a name or a number.`,
        { code: 'MISPLACED_VALUE' },
      );
    }
  }
  if (seen.length > values) {
    throw new ValidationError(
      'The SQL holds a numbered parameter of its own: put the value itself in its place.',
      {
        code: 'MISPLACED_VALUE',
      },
    );
  }
}
