/** What a request of supabase-js resolves to; it does not reject. */
export interface DataApiReply {
  readonly data: unknown;
  readonly error: DataApiFault | null;
  readonly count: number | null;
}

/** The error of a reply: PostgREST's, a gateway's, or supabase-js' own. */
export interface DataApiFault {
  readonly code?: string | undefined;
  readonly message: string;
  readonly details?: string | null | undefined;
  readonly hint?: string | null | undefined;
}

/** Whether the rows are counted as well. */
interface CountOption {
  readonly count?: 'exact';
}

/** Options of writes of rows. */
interface WriteRowsOptions extends CountOption {
  readonly defaultToNull: boolean;
}

/** A request that is being described. It is sent when it is awaited. */
export interface DataApiQuery extends PromiseLike<DataApiReply> {
  select(columns: string): DataApiQuery;
  or(filters: string): DataApiQuery;
  order(column: string, options: { readonly ascending: boolean; readonly nullsFirst: boolean }): DataApiQuery;
  range(from: number, to: number): DataApiQuery;
  abortSignal(signal: AbortSignal): DataApiQuery;
}

/**
 * A table or view. Rows are of the type `never`, which fits every schema: supabase-js types them by the one of its client, and
 * here nothing knows it. So whoever passes rows casts them.
 */
export interface DataApiRelation {
  select(columns: string, options: CountOption): DataApiQuery;
  insert(rows: never, options: WriteRowsOptions): DataApiQuery;
  upsert(
    rows: never,
    options: WriteRowsOptions & { readonly onConflict?: string; readonly ignoreDuplicates: boolean },
  ): DataApiQuery;
  update(set: never, options: CountOption): DataApiQuery;
  delete(options: CountOption): DataApiQuery;
}

/** The part of a client of supabase-js that is used here. */
export interface DataApiClient {
  from(relation: string): DataApiRelation;
  rpc(name: string, args: never): DataApiQuery;
}

/** The options that the clients are made with. */
interface DataApiClientOptions {
  readonly db: { readonly schema: string };
  readonly global: { readonly fetch: typeof fetch };
  readonly accessToken: () => Promise<string | null>;
}

/** `createClient` of supabase-js, as far as it is called here. */
export type CreateDataApiClient = (url: string, key: string, options: DataApiClientOptions) => DataApiClient;
