/** Where a test takes the place of the hostile pooler and rewrites what a client sends. */
import type { TypedMessage } from './message-reader.ts';

export interface BatchContext {
  readonly user: string;
  readonly database: string;
  /** Number of the client's connection, from 1. */
  readonly clientId: number;
  /** Batches that this connection sent before. */
  readonly batch: number;
}

/** Gets a batch whole, with its Sync (or one simple query), and gives back what the server shall get instead. */
export type BatchHook = (messages: readonly TypedMessage[], context: BatchContext) => readonly TypedMessage[];
