/// <reference lib="esnext.disposable" preserve="true" />
/** Called with the payload of each notification, `''` where there was none. */
export type NotificationHandler = (payload: string) => void;

/**
 * A channel that is listened to. After a lost connection it listens again by itself; what was sent in
 * between is lost, as Postgres keeps no notification.
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
