import type { BreakerView } from '../../contract/breaker-view.ts';
import type { CallTrace } from '../../contract/call-trace.ts';
import type { Clock } from '../../contract/clock.ts';
import { DatabaseError, OverloadedError, TimeoutError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, ConnectionMode } from '../../contract/mode.ts';
import type { LoginName } from '../../contract/service-event.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { Connections, Way } from '../connections/connections.ts';
import type { HealthReport, HealthStatus, ModeHealth } from '../typed/health-report.ts';
import { textPlan } from '../values/text-plan.ts';

const MAX_BYTES = 1 << 20;
const VERSION = textPlan("select pg_catalog.current_setting('server_version')");

interface HealthParts {
  readonly connections: Pick<Connections, 'ways' | 'check'>;
  readonly breakers: BreakerView;
  readonly clock: Clock;
  /** Who asks, by the login. */
  readonly actors: Readonly<Record<LoginName, Actor>>;
}

/**
 * Asks each mode of each login for the version of its server, as a call of its own past breakers and retries: it is to see
 * what they protect from. Those who ask while a check is running get its report.
 */
export class HealthCheck {
  readonly #parts: HealthParts;
  #running: Promise<HealthReport> | undefined;

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  run(timeoutMs: number): Promise<HealthReport> {
    this.#running ??= this.#run(timeoutMs).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(timeoutMs: number): Promise<HealthReport> {
    const { connections, clock } = this.#parts;
    const deadline = clock.now() + timeoutMs;
    const modes = await Promise.all(connections.ways().map((way) => this.#check(way, deadline)));
    return { status: overall(modes), modes, at: clock.wallNow() };
  }

  async #check({ mode, login }: Way, deadline: number): Promise<ModeHealth> {
    const { breakers, actors } = this.#parts;
    const trace: CallTrace = { queueMs: 0, connectMs: 0, serverMs: 0 };
    const found = { mode: mode.name, login, breaker: breakers.stateOf(mode.name, login) };
    let loginChecked = false;
    try {
      const limits = { deadline, signal: undefined, maxRows: 1, maxBytes: MAX_BYTES, trace };
      await this.#login(mode, actors[login], limits);
      loginChecked = true;
      const serverVersion = await versionOf(mode, actors[login], limits);
      const status = found.breaker === 'closed' && !isExhausted(mode) ? 'ok' : 'degraded';
      return {
        ...found,
        status,
        latencyMs: trace.serverMs,
        serverVersion,
        loginChecked,
        errorCode: undefined,
      };
    } catch (error) {
      return {
        ...found,
        status: isBusy(error, mode, trace) ? 'degraded' : 'down',
        latencyMs: undefined,
        serverVersion: undefined,
        loginChecked,
        errorCode: error instanceof DatabaseError ? error.code : 'INTERNAL',
      };
    }
  }

  async #login(mode: ConnectionMode, actor: Actor, limits: CallLimits): Promise<void> {
    const { connections, clock } = this.#parts;
    const check = connections.check(mode, actor);
    if (check !== undefined) await withinLimits(check, limits, clock, 'while the login was checked');
  }
}

async function versionOf(mode: ConnectionMode, actor: Actor, limits: CallLimits): Promise<string> {
  const [reply] = await mode.run(
    { actor, access: 'read', statements: [{ plan: VERSION.plan, values: [] }], statementTimeoutMs: 0 },
    limits,
  );
  return VERSION.read(reply)[0] ?? '';
}

function overall(modes: readonly ModeHealth[]): HealthStatus {
  const ofUsers = modes.filter(({ login }) => login === 'users');
  if (ofUsers.every(({ status }) => status === 'down')) return 'down';
  return modes.every(({ status }) => status === 'ok') ? 'ok' : 'degraded';
}

function isExhausted(mode: ConnectionMode): boolean {
  const { busy, max, waiting } = mode.stats();
  return busy >= max && waiting > 0;
}

/** The check itself got no connection in time, because calls have them all: the mode works. */
function isBusy(error: unknown, mode: ConnectionMode, { connectMs, serverMs }: CallTrace): boolean {
  if (!(error instanceof TimeoutError || error instanceof OverloadedError)) return false;
  const { busy, max } = mode.stats();
  return busy >= max && connectMs === 0 && serverMs === 0;
}
