/** What the faulty proxy can be told to do to the connections that pass through it. */

export type Direction = 'to-server' | 'to-client';

/** What shall happen once, on whichever connection meets the condition first. */
export type Trigger =
  /** A connection is reset (RST) when this many bytes passed in a direction; the rest of that read is lost. */
  | { readonly at: 'bytes'; readonly direction: Direction; readonly bytes: number }
  /** The batch is dropped with its Sync, then both sides are reset: nothing runs. */
  | { readonly at: 'before-sync' }
  /** The batch goes to the server, no byte of its reply to the client: it runs, the client cannot know. */
  | { readonly at: 'after-sync' }
  /** The reply passes up to the middle of its `message`-th message (from 1), then the client is reset or sees the end. */
  | { readonly at: 'mid-reply'; readonly message: number; readonly then: 'reset' | 'end' }
  /** Terminate is not forwarded, and the connection stalls. */
  | { readonly at: 'terminate' }
  /** The cancel request is swallowed: its connection stays open and silent. */
  | { readonly at: 'cancel' };

/** The state of a proxy that its links share. */
export interface Faults {
  swallow: ReadonlySet<Direction>;
  /** What the server sends, in pieces. */
  drip: { readonly bytes: number; readonly everyMs: number } | undefined;
  /** Milliseconds for which each read waits, in both directions. */
  delayMs: number;
  /** How far new connections get: not beyond the answer to their SSLRequest, or to no answer to their startup packet. */
  stalledLogins: 'tls' | 'auth' | undefined;
  /** New connections are accepted and reset at once. */
  hangsUp: boolean;
  trigger: Trigger | undefined;
}
