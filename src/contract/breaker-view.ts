import type { ModeName } from './mode.ts';
import type { BreakerState, LoginName } from './service-event.ts';

/** What is known of the breakers, for whoever shows it. */
export interface BreakerView {
  stateOf(mode: ModeName, login: LoginName): BreakerState;
}
