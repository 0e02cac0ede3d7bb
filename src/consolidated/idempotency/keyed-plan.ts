import type { Plan, Statement } from '../../contract/statement.ts';
import { scan } from '../raw-sql/scan.ts';

/** Of each plan that was sent with a key. */
const keyedPlans = new WeakMap<Plan, Plan>();

const HEAD = 'json_build_array(';
const TAIL = '::text)::text';

/**
 * The statement whose document is kept under a key in the same statement, by `cdb.keep_result`: of
 * `select json_build_array(nonce, …, nonce)::text` it makes `select cdb.keep_result(key, json_build_array(…)::text, nonce)`.
 * What is kept has no nonce, which is that of one batch. The key is bound behind the values, and before the nonce.
 *
 * Undefined for a statement without a document form.
 */
export function keyedStatement({ plan, values }: Statement, key: string): Statement | undefined {
  if (plan.document === '') return undefined;
  let keyed = keyedPlans.get(plan);
  if (keyed === undefined) {
    keyed = { ...plan, document: keepingDocument(plan.document, values.length + 1), answersDocument: true };
    keyedPlans.set(plan, keyed);
  }
  return { plan: keyed, values: [...values, key] };
}

/** @param nonce number of the nonce's parameter, which the document has at its beginning and at its end */
function keepingDocument(document: string, nonce: number): string {
  // By its tokens: the name of a column may be any text.
  const [first, last, more] = scan(document).tokens.filter(
    ({ kind, text }) => kind === 'parameter' && text === String(nonce),
  );
  const begin = (first?.start ?? 0) - HEAD.length;
  const end = (last?.end ?? 0) + TAIL.length;
  if (
    first === undefined ||
    last === undefined ||
    more !== undefined ||
    !document.startsWith(`${HEAD}$${nonce}::text, `, begin) ||
    !document.startsWith(`, $${nonce}${TAIL}`, last.start - 2)
  ) {
    throw new Error('A document has another form than [nonce, …, nonce].');
  }
  const content = document.slice(first.end + '::text, '.length, last.start - ', '.length);
  const kept = `cdb.keep_result($${nonce}::text, ${HEAD}${content})::text, $${nonce + 1}::text)`;
  return document.slice(0, begin) + kept + document.slice(end);
}
