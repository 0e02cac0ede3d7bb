import { UsageError } from '../../contract/errors.ts';
import { known, type Layer } from '../call/call.ts';
import type { Router } from '../call/router.ts';
import type { NotificationHandler } from '../typed/subscription.ts';
import type { Listener } from './listener.ts';

export interface ListenTask {
  readonly channel: string;
  readonly handler: NotificationHandler;
}

/** Last stage of listen(). Row level security does not apply to notifications, so only the service may listen. */
export function listening(router: Router, listener: Pick<Listener, 'listen'>): Layer<ListenTask> {
  return async (call) => {
    if (known(call.actor).kind !== 'service') {
      throw new UsageError('Only service() may listen: notifications bypass row level security.', {
        code: 'SERVICE_ONLY',
      });
    }
    // Chosen as for any call, and its login is checked before it is used.
    const mode = router.choose(call, 'listen');
    await router.checked(call, mode);
    const { channel, handler } = call.task;
    return { value: await listener.listen(channel, handler, call.limits, mode.name), rows: 0 };
  };
}
