import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-request.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a statement gave: the JSON of its rows, how many these are, and how many there are on all pages. */
export interface Found {
  readonly body: string;
  readonly page: number;
  readonly total: number | undefined;
}

/**
 * The answer to a read, also by a function: status and `Content-Range` as in PostgREST's `RangeQuery.hs`.
 *
 * @throws ApiError PGRST103, PGRST116
 */
export function readAnswer(request: ApiRequest, { body, page, total }: Found): ApiAnswer {
  const { offset } = request;
  if (total !== undefined && offset > total) {
    throw new ApiError(
      416,
      {
        code: 'PGRST103',
        message: 'Requested range not satisfiable',
        details: `An offset of ${offset} was requested, but there are only ${total} rows.`,
      },
      { 'content-range': `*/${total}` },
    );
  }
  if (request.single && page !== 1) throw notSingle(page);
  const range = `${page === 0 ? '*' : `${offset}-${offset + page - 1}`}/${total ?? '*'}`;
  const isPartial = total !== undefined && page < total;
  return {
    status: isPartial ? 206 : 200,
    headers: { 'content-range': range },
    body: request.single ? body.slice(body.indexOf('[') + 1, body.lastIndexOf(']')) : body,
  };
}

export function writeAnswer(request: ApiRequest, { body, page }: Found): ApiAnswer {
  const { method, returnsRows, counts, single } = request;
  if (returnsRows && single && page !== 1) throw notSingle(page);
  const rows = method === 'PATCH' && page > 0 ? `0-${page - 1}` : '*';
  const headers = { 'content-range': `${rows}/${counts ? page : '*'}` };
  const silent = method === 'POST' ? 201 : 204;
  if (!returnsRows) return { status: silent, headers, body: '' };
  return {
    status: method === 'POST' ? 201 : 200,
    headers,
    body: single ? body.slice(body.indexOf('[') + 1, body.lastIndexOf(']')) : body,
  };
}

function notSingle(rows: number): ApiError {
  return new ApiError(406, {
    code: 'PGRST116',
    message: 'Cannot coerce the result to a single JSON object',
    details: `The result contains ${rows} rows`,
  });
}
