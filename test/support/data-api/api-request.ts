import { ApiError } from './api-error.ts';
import {
  type Filter,
  GrammarError,
  type Logic,
  type OrderTerm,
  readFilter,
  readNames,
  readOrder,
  readTree,
} from './url-grammar.ts';

/** What a request asks for, read from its query and its `Prefer` headers. */
export interface ApiRequest {
  readonly method: string;
  readonly select: readonly string[];
  readonly conditions: readonly (Filter | Logic)[];
  readonly order: readonly OrderTerm[];
  readonly limit: number | undefined;
  readonly offset: number;
  readonly columns: readonly string[] | undefined;
  readonly onConflict: readonly string[] | undefined;
  readonly returnsRows: boolean;
  readonly counts: boolean;
  readonly resolution: 'merge' | 'ignore' | undefined;
  readonly defaultsMissing: boolean;
  /** `Accept: application/vnd.pgrst.object+json` */
  readonly single: boolean;
  readonly body: string;
}

const RESERVED: ReadonlySet<string> = new Set([
  'select',
  'order',
  'limit',
  'offset',
  'columns',
  'on_conflict',
]);
const TREES: ReadonlySet<string> = new Set(['or', 'and', 'not.or', 'not.and']);

/**
 * @param isArgument of a call by GET, parameters of the query that are arguments, and no filters
 * @throws ApiError PGRST100
 */
export function readRequest(
  method: string,
  query: URLSearchParams,
  headers: Headers,
  body: string,
  isArgument: (name: string) => boolean = () => false,
): ApiRequest {
  const prefer = new Set((headers.get('prefer') ?? '').split(',').map((one) => one.trim()));
  const names = (key: string) => {
    const text = query.get(key);
    return text === null ? undefined : readNames(text);
  };
  const whole = (key: string) => {
    const text = query.get(key);
    return text === null || !/^\d+$/.test(text) ? undefined : Number(text);
  };
  try {
    const conditions = [...query]
      .filter(([key]) => !RESERVED.has(key) && !isArgument(key))
      .map(([key, value]) => (TREES.has(key) ? readTree(key, value) : readFilter(key, value)));
    const order = query.get('order');
    return {
      method,
      select: names('select') ?? ['*'],
      conditions,
      order: order === null ? [] : readOrder(order),
      limit: whole('limit'),
      offset: whole('offset') ?? 0,
      columns: names('columns'),
      onConflict: names('on_conflict'),
      returnsRows: prefer.has('return=representation'),
      counts: prefer.has('count=exact'),
      resolution: prefer.has('resolution=merge-duplicates')
        ? 'merge'
        : prefer.has('resolution=ignore-duplicates')
          ? 'ignore'
          : undefined,
      defaultsMissing: prefer.has('missing=default'),
      single: (headers.get('accept') ?? '').includes('vnd.pgrst.object+json'),
      body,
    };
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error;
    throw new ApiError(400, { code: 'PGRST100', message: `"failed to parse": ${error.message}` });
  }
}
