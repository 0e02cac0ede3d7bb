/** The part of autocannon that is used here. It brings no types. */
declare module 'autocannon' {
  export interface LoadRequest<Context> {
    /** Makes the next request of a connection. What it writes into the context, `onResponse` finds there. */
    readonly setupRequest: (defaults: object, context: Partial<Context>) => object;
    readonly onResponse: (
      status: number,
      body: string,
      context: Partial<Context>,
      headers: Readonly<Record<string, string | undefined>>,
    ) => void;
  }

  export interface LoadOptions<Context> {
    readonly url: string;
    readonly connections: number;
    /** Seconds; it ends earlier by `stop`. */
    readonly duration: number;
    /** Milliseconds between two looks whether it was stopped. */
    readonly sampleInt: number;
    /** One, without pipelining: then a connection has one request at a time. */
    readonly requests: readonly [LoadRequest<Context>];
  }

  export interface LoadResult {
    /** Connections that failed, and requests without an answer in ten seconds. */
    readonly errors: number;
  }

  export default function autocannon<Context>(
    options: LoadOptions<Context>,
    done: (error: Error | null, result: LoadResult) => void,
  ): { stop(): void };
}
