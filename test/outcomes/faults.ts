/** What can happen to an operation beside a cut connection, and to which operations. */
import type { ModeName } from '../../src/index.ts';
import type { OperationKind } from '../support/journal/operation.ts';

export const SOCKET_FAULTS = [
  'black hole to the server',
  'black hole to the client',
  'backend terminated',
  'backend cancelled',
] as const;

/** Whole servers: each meets all that is under way. */
export const RESTARTS = ['PgBouncer killed and started', 'Postgres killed and started'] as const;

export const CALLER_FAULTS = [
  'nothing',
  'aborted by its signal',
  'a short deadline',
  'service closed',
  'token expires while waiting',
  'token expires while it runs',
  'token expires between statements',
  'token expires before COMMIT',
] as const;

export type Restart = (typeof RESTARTS)[number];
export type Fault = (typeof SOCKET_FAULTS)[number] | Restart | (typeof CALLER_FAULTS)[number];
export const FAULTS: readonly Fault[] = [...SOCKET_FAULTS, ...RESTARTS, ...CALLER_FAULTS];

export function isRestart(name: string): name is Restart {
  return (RESTARTS as readonly string[]).includes(name);
}

/** Why a fault cannot meet that kind in that mode; undefined when it can. */
export function impossible(fault: Fault, kind: OperationKind, mode: ModeName): string | undefined {
  if (kind.not?.[mode] !== undefined) return kind.not[mode];
  const onSockets = (SOCKET_FAULTS as readonly string[]).includes(fault) || isRestart(fault);
  if (mode === 'embedded' && onSockets) return 'there is no connection and no server to meet it';
  if (fault === 'PgBouncer killed and started' && mode === 'direct') return 'there is no pooler on this way';
  if (
    (fault === 'token expires between statements' || fault === 'token expires before COMMIT') &&
    kind.transactional !== true
  ) {
    return 'the call is one batch';
  }
  if (fault.startsWith('token') && kind.asService === true) return 'the service has no token';
  return undefined;
}

/** Faults that have to find the operation under way. */
export function needsTime(fault: string): boolean {
  return (
    isRestart(fault) ||
    [
      'backend terminated',
      'backend cancelled',
      'aborted by its signal',
      'a short deadline',
      'service closed',
      'token expires while it runs',
    ].includes(fault)
  );
}
