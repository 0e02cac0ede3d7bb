import { UsageError } from '../../contract/errors.ts';
import type { Intent, Plan, Statement } from '../../contract/statement.ts';
import { statementName } from '../../contract/statement-name.ts';
import { BoundedCache } from '../values/bounded-cache.ts';
import { type Fragment, render } from './fragment.ts';
import { mayDefine } from './may-define.ts';
import { scan, type Token } from './scan.ts';
import { statementEnds } from './statement-ends.ts';
import { transactionControl } from './transaction-control.ts';
import { wrapRaw } from './wrap-raw.ts';

const kept = new BoundedCache<string, Plan>({
  max: 500,
  maxSize: 8_000_000,
  sizeCalculation: (plan, key) => key.length + plan.text.length + plan.document.length,
});

/**
 * Makes a statement from raw SQL: values are bound, and parameters are numbered through all fragments.
 *
 * `plan.document` is empty if the statement has no document form. Then it needs typed rows: a direct or
 * session connection. A semicolon at the end is dropped.
 *
 * Throws UsageError for more than one statement, for none, for one that controls transactions, for COPY, and for a value in
 * a place where Postgres allows no parameter: in quotes, in a comment, or directly after a name or number.
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
  const { tokens, closed } = scan(sql);
  const origin = 'raw';
  const control = transactionControl(tokens);
  refuseCopy(tokens);
  // What does not end is for the server to refuse, in its own words.
  if (!closed) return { text: sql, document: '', name: statementName(sql), intent, origin };
  const [end] = statementEnds(tokens);
  const own = end === undefined ? tokens : tokens.slice(0, tokens.indexOf(end));
  if (tokens.slice(own.length).some(({ kind }) => kind !== 'semicolon')) {
    throw new UsageError(
      'The SQL contains more than one statement. Send them as a batch or in a transaction.',
      { code: 'MULTIPLE_STATEMENTS' },
    );
  }
  if (own.length === 0) throw new UsageError('The SQL contains no statement.', { code: 'EMPTY_STATEMENT' });
  assertAllBound(own, values);
  const text = sql.slice(0, end?.start);
  return {
    text,
    document: wrapRaw(text, own, values),
    name: statementName(text),
    intent,
    origin,
    ...control,
    mayDefine: mayDefine(own),
  };
}

/** Its rows travel by messages of their own, between client and server, and end no batch. */
function refuseCopy([first]: readonly Token[]): void {
  if (first?.kind !== 'word' || first.text !== 'copy') return;
  throw new UsageError('Raw SQL may not be COPY: its rows are no result.', {
    code: 'UNSUPPORTED',
    hint: 'Read many rows with stream(), and write them with insert() of an array.',
  });
}

/** Each value has its own parameter, once. */
function assertAllBound(tokens: readonly Token[], values: number): void {
  const seen = tokens.filter(({ kind }) => kind === 'parameter').map(({ text }) => Number(text));
  for (let number = 1; number <= values; number++) {
    if (seen[number - 1] !== number) {
      throw new UsageError(
        `Value ${number} of the SQL is in a place where no parameter is allowed: in quotes, in a comment, or directly after a name or a number.`,
        { code: 'MISPLACED_VALUE' },
      );
    }
  }
  if (seen.length > values) {
    throw new UsageError('The SQL contains a numbered parameter. Put the value itself in its place.', {
      code: 'MISPLACED_VALUE',
    });
  }
}
