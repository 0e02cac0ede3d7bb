import { AuthorizationError } from '../../contract/errors.ts';
import { type CallOptions, CallRecord } from '../call/call.ts';
import type { Caller } from '../identity/caller.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Listener, NotificationHandler, Subscription } from './listener.ts';

/**
 * Listens as a caller. Row level security knows nothing of notifications, so only the service may.
 */
export async function listenAs(
  pipeline: Pipeline,
  caller: Caller,
  listener: Listener,
  channel: string,
  handler: NotificationHandler,
  options: CallOptions,
): Promise<Subscription> {
  const record = CallRecord.start('listen', pipeline.config);
  try {
    const limits = await pipeline.start(options);
    const actor = await pipeline.actorOf(caller, limits, record);
    if (actor.kind !== 'service') {
      throw new AuthorizationError('Only service() may listen: notifications pass by row level security.', {
        code: 'SERVICE_ONLY',
      });
    }
    // Chosen like any call, so that its login is looked at before it is used.
    await pipeline.modeFor('listen', actor, options, [], limits, record);
    const subscription = await listener.listen(channel, handler, limits);
    record?.end(0);
    return subscription;
  } catch (error) {
    record?.end(0, error);
    throw error;
  }
}
