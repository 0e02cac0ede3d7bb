import { STATUS_CODES } from 'node:http';
import { type PublicError, publicError } from '../contract/public-error.ts';

/** An answer by RFC 9457, for any framework. */
export interface HttpProblem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** As RFC 9110 calls them; Node has the older names. */
const TITLES: Readonly<Record<number, string>> = { 413: 'Content Too Large', 422: 'Unprocessable Content' };
/** What a client may mend by another token. */
const TOKEN_FAULTS: ReadonlySet<string> = new Set(['TOKEN_INVALID', 'TOKEN_EXPIRED']);
/** What may have been set for the body that the problem stands in for. */
const OF_BODY: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'content-disposition',
  'content-language',
  'content-location',
  'content-range',
  'etag',
  'last-modified',
]);

/** The problem of anything that was thrown. */
export function problemOfError(error: unknown): HttpProblem {
  const problem = publicError(error);
  const { status, code, retryAfterMs } = problem;
  return answer(problem, {
    ...(status === 401 && { 'www-authenticate': challenge(code) }),
    ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
  });
}

/** The problem of a status that a framework decided on, such as 413 for a body that is too large. */
export function problemOfStatus(status: number): HttpProblem {
  const title = TITLES[status] ?? STATUS_CODES[status] ?? 'Error';
  const code = status === 500 ? 'INTERNAL' : title.toUpperCase().replace(/[^A-Z]+/g, '_');
  return answer({ type: 'about:blank', title, status, code });
}

export const NO_SUCH_PATH: HttpProblem = answer({
  type: 'about:blank',
  title: 'Not Found',
  status: 404,
  code: 'NO_SUCH_PATH',
});

export function isOfBody(header: string): boolean {
  return OF_BODY.has(header.toLowerCase());
}

function answer(
  problem: Pick<PublicError, 'type' | 'title' | 'code'> & { readonly status: number },
  headers: Readonly<Record<string, string>> = {},
): HttpProblem {
  return {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(problem),
  };
}

/** RFC 6750: a request without a token is told how to come, one with a wrong token what is wrong. */
function challenge(code: string): string {
  return TOKEN_FAULTS.has(code) ? 'Bearer error="invalid_token"' : 'Bearer';
}
