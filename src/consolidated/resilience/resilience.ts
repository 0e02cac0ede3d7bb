import type { BreakerView } from '../../contract/breaker-view.ts';
import type { LoginName, Tell } from '../../contract/service-event.ts';
import type { Connections } from '../connections/connections.ts';
import { type Actors, anonymous, service } from '../identity/actors.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import { Fallback } from './fallback.ts';
import { ResilienceGate } from './resilience-gate.ts';
import { type Retries, retriesOf } from './retries.ts';

/** What stands between a call and a database that has a bad day. What is switched off is undefined, and costs nothing. */
export interface Resilience extends BreakerView {
  /** Bulkhead and breaker of each way. */
  readonly gate: ResilienceGate | undefined;
  readonly retries: Retries | undefined;
  readonly fallback: Fallback | undefined;
  /** No way is probed any more. */
  end(): void;
}

export function createResilience(
  config: ServiceConfig,
  connections: Pick<Connections, 'loginOf'>,
  actors: Actors,
  tell: Tell,
): Resilience {
  const { clock, random, retry, breaker, bulkhead, fallback } = config;
  const loginOf: Connections['loginOf'] = (actor) => connections.loginOf(actor);
  const prober = (login: LoginName) => actors.of(login === 'service' ? service() : anonymous());
  const parts = { clock, random, tell, breaker, bulkhead, loginOf, prober };
  const gate = breaker === false && !bulkhead ? undefined : new ResilienceGate(parts);
  const other =
    gate === undefined
      ? undefined
      : new Fallback({
          clock,
          tell,
          moves: fallback && breaker !== false,
          wayOf: (mode, actor) => gate.wayOf(mode, actor),
          knownWay: (mode) => gate.known(mode),
        });
  const retries = retriesOf(retry, { clock, random, tell, loginOf });
  return {
    gate,
    retries,
    fallback: other,
    stateOf: (mode, login) => gate?.stateOf(mode, login) ?? 'closed',
    end: () => {
      retries?.end();
      gate?.end();
      other?.end();
    },
  };
}
