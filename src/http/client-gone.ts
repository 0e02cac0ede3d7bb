/** The part of `ServerResponse` that is needed: the types of this package must not need those of Node. */
interface ClosingResponse {
  readonly writableFinished: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/** Aborts when the connection is closed before the response was sent whole. */
export function clientGone(response: ClosingResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('The client has gone away.'));
  });
  return gone.signal;
}
