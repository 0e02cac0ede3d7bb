/** The table of faults. */
import type { Fault } from './fault.ts';
import { BLACK_HOLES } from './kinds/black-holes.ts';
import { CLIENT_ERRORS } from './kinds/client-errors.ts';
import { COLD_POOL } from './kinds/cold-pool.ts';
import { CUT_CONNECTIONS } from './kinds/cut-connections.ts';
import { EXHAUSTED_CONNECTIONS } from './kinds/exhausted-connections.ts';
import { FAILOVER } from './kinds/failover.ts';
import { KILLED_SERVERS } from './kinds/killed-servers.ts';
import { MIXED_UP_REPLIES } from './kinds/mixed-up-replies.ts';
import { MOVED_CLOCK } from './kinds/moved-clock.ts';
import { OUTAGES } from './kinds/outage.ts';
import { OVERLOAD } from './kinds/overload.ts';
import { PAUSED_POOLER } from './kinds/paused-pooler.ts';
import { SLOW_NETWORK } from './kinds/slow-network.ts';
import { STALLED_LOGINS } from './kinds/stalled-logins.ts';
import { STRUCK_BACKENDS } from './kinds/struck-backends.ts';
import { TERMINATIONS } from './kinds/termination.ts';

export const FAULTS: readonly Fault[] = [
  ...SLOW_NETWORK,
  ...BLACK_HOLES,
  ...CUT_CONNECTIONS,
  MIXED_UP_REPLIES,
  ...STALLED_LOGINS,
  ...STRUCK_BACKENDS,
  ...KILLED_SERVERS,
  PAUSED_POOLER,
  EXHAUSTED_CONNECTIONS,
  FAILOVER,
  COLD_POOL,
  MOVED_CLOCK,
  ...TERMINATIONS,
  ...OUTAGES,
  OVERLOAD,
  CLIENT_ERRORS,
];
