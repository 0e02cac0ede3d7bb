/** The part of `ServerResponse` that is needed: the types of this package must not need those of Node. */
interface ClosingResponse {
  readonly closed: boolean;
  readonly writableFinished: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/** Aborts when the connection is closed before the response was sent whole. */
export function clientGone(response: ClosingResponse): AbortSignal {
  const gone = new AbortController();
  const end = (): void => {
    if (!response.writableFinished) gone.abort(new Error('The client has gone away.'));
  };
  // What comes before the middleware may have taken longer than the client has waited.
  if (response.closed) end();
  else response.once('close', end);
  return gone.signal;
}
