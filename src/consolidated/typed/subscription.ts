/// <reference lib="esnext.disposable" preserve="true" />
/** Called with the payload of each notification, `''` if there was none. */
export type NotificationHandler = (payload: string) => void;

/**
 * A subscription to a channel. After a lost connection it listens again by itself. Notifications in
 * between are lost, because Postgres does not store them.
 *
 * @example
 * ```ts
 * await using trips = await db.as(service()).listen('trips', (payload) => refresh(payload));
 * ```
 */
export interface Subscription extends AsyncDisposable {
  readonly channel: string;
  /** Stops listening. Calling it again does nothing. */
  unsubscribe(): Promise<void>;
}
