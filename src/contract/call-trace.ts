/** Where the time of one call went, in milliseconds. Made only for calls that somebody is told of; whoever waits adds to it. */
export interface CallTrace {
  /** Waiting for a connection that others use. */
  queueMs: number;
  /** Waiting for a connection, or the embedded database, to be opened, and for the check of its login. */
  connectMs: number;
  /** From writing to the server to the end of its reply, all attempts together. */
  serverMs: number;
}
