/** The body of an error, as PostgREST writes it: https://docs.postgrest.org/en/v14/references/errors.html */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details: string | null;
  readonly hint: string | null;
}

/** An error that is answered with its status and body. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    body: Partial<ErrorBody> & Pick<ErrorBody, 'code' | 'message'>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(body.message);
    this.status = status;
    this.body = { details: null, hint: null, ...body };
    this.headers = headers;
  }
}

/** By SQLSTATE or its class; the first that fits. */
const STATUSES: readonly (readonly [prefix: string, status: number])[] = [
  ['08', 503],
  ['09', 500],
  ['0L', 403],
  ['0P', 403],
  ['23503', 409],
  ['23505', 409],
  ['25006', 405],
  ['25', 500],
  ['28', 403],
  ['2D', 500],
  ['38', 500],
  ['39', 500],
  ['3B', 500],
  ['40', 500],
  ['53400', 500],
  ['53', 503],
  ['54', 500],
  ['55', 500],
  ['57', 500],
  ['58', 500],
  ['F0', 500],
  ['HV', 500],
  ['P0001', 400],
  ['P0', 500],
  ['XX', 500],
  ['42883', 404],
  ['42P01', 404],
  ['42P17', 500],
];

/** An error of Postgres: its status by the table of PostgREST's page on errors. */
export function databaseError(error: unknown, role: string): ApiError {
  const {
    code = 'XX000',
    message = '',
    detail,
    hint,
  } = error as Readonly<Record<string, string | undefined>>;
  const body = { code, message, details: detail ?? null, hint: hint ?? null };
  const raised = /^PT(\d{3})$/.exec(code)?.[1];
  if (raised !== undefined) return new ApiError(Number(raised), body);
  if (code === '42501') return new ApiError(role === 'anon' ? 401 : 403, body);
  const status = STATUSES.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400;
  return new ApiError(status, body);
}
