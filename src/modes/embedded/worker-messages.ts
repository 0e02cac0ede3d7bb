/** What the worker is started with. */
export interface WorkerStart {
  /** Folder that keeps the data; in memory without one. */
  readonly dataDir: string | undefined;
  /** Modules of `@electric-sql/pglite/contrib`. */
  readonly contrib: readonly string[];
}

/** Messages of the protocol for PGlite, or the request to close it. The worker answers in the order of the requests. */
export type WorkerRequest = Uint8Array | 'close';

/** What PGlite answered; that it is open, or closed; why it could not be opened. */
export type WorkerAnswer = Uint8Array | 'open' | 'closed' | SentError;

/** An error as it goes between threads, which would lose its code on the way. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: unknown;
}
