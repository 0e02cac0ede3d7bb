import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ConfigurationError, TimeoutError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, ConnectionMode, ModeName, PoolStats, StatementReply } from '../../contract/mode.ts';
import type { BreakerState, LoginName } from '../../contract/service-event.ts';
import { HealthCheck } from './health-check.ts';

const ACTOR: Actor = { kind: 'anonymous', role: 'anon', claims: '{}', expiresAt: undefined };
const VERSION: StatementReply = { form: 'rows', fields: [], rows: [['17.2']], count: 1 };
const STATS = { size: 1, idle: 1, busy: 0, waiting: 0, max: 2 };

interface Fake {
  readonly mode?: ModeName;
  readonly login?: LoginName;
  readonly breaker?: BreakerState;
  readonly stats?: Partial<PoolStats>;
  readonly refused?: Error;
  readonly run?: (limits: CallLimits) => Promise<readonly StatementReply[]>;
}

function check(...fakes: readonly Fake[]) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const ways = fakes.map(({ mode = 'direct', login = 'users', stats, run }) => ({
    login,
    mode: {
      name: mode,
      stats: () => ({ mode, ...STATS, ...stats }),
      run: (_: unknown, limits: CallLimits) => {
        asked.push(`${mode} ${login}`);
        return run?.(limits) ?? Promise.resolve([VERSION]);
      },
    } as unknown as ConnectionMode,
  }));
  const of = (mode: string, login: LoginName) =>
    fakes.find((fake) => (fake.mode ?? 'direct') === mode && (fake.login ?? 'users') === login);
  const health = new HealthCheck({
    connections: {
      ways: () => ways,
      check: (mode) => {
        const refused = of(mode.name, 'users')?.refused;
        return refused === undefined ? undefined : Promise.reject(refused);
      },
    },
    breakers: { stateOf: (mode, login) => of(mode, login)?.breaker ?? 'closed' },
    clock,
    actors: { users: ACTOR, service: { ...ACTOR, kind: 'service', role: 'service_role' } },
  });
  return { health, asked, clock };
}

const late = () => Promise.reject(new TimeoutError('The deadline passed.'));

describe('the health of a mode', () => {
  it.each<[string, Fake, string, string | undefined]>([
    ['answers', {}, 'ok', undefined],
    ['answers while its breaker is open', { breaker: 'open' }, 'degraded', undefined],
    ['answers while its breaker is tried', { breaker: 'half-open' }, 'degraded', undefined],
    ['answers while calls wait for it', { stats: { busy: 2, waiting: 1 } }, 'degraded', undefined],
    ['answers, all busy, but nobody waits', { stats: { busy: 2 } }, 'ok', undefined],
    ['has no connection free in time', { stats: { busy: 2 }, run: late }, 'degraded', 'TIMEOUT'],
    ['does not answer', { run: late }, 'down', 'TIMEOUT'],
    [
      'does not answer on the connection that it got',
      {
        stats: { busy: 2 },
        run: ({ trace }) => {
          trace!.serverMs = 500;
          return late();
        },
      },
      'down',
      'TIMEOUT',
    ],
    [
      'has a privileged login',
      { refused: new ConfigurationError('No.', { code: 'PRIVILEGED_LOGIN' }) },
      'down',
      'PRIVILEGED_LOGIN',
    ],
    [
      'fails in a way that nobody foresaw',
      { run: () => Promise.reject(new TypeError('x')) },
      'down',
      'INTERNAL',
    ],
  ])('that %s', async (_, fake, status, errorCode) => {
    const { health } = check(fake);
    expect((await health.run(1_000)).modes).toMatchObject([{ status, errorCode }]);
  });

  it('is asked for by nothing but one statement, within the time that is given', async () => {
    let limits: CallLimits | undefined;
    const { health, clock } = check({
      run: (given) => {
        limits = given;
        given.trace!.serverMs = 3;
        return Promise.resolve([VERSION]);
      },
    });
    const { modes, at } = await health.run(700);
    expect(limits?.deadline).toBe(clock.now() + 700);
    expect(modes[0]).toMatchObject({ latencyMs: 3, serverVersion: '17.2', loginChecked: true });
    expect(at).toBe(clock.wallNow());
  });
});

describe('the health of a service', () => {
  const down = { run: late } as const;

  it.each<[string, readonly Fake[], string]>([
    ['ok where all modes are', [{}, { mode: 'session' }], 'ok'],
    ['degraded where one of them is not', [{}, { mode: 'session', ...down }], 'degraded'],
    ['degraded where the service role has none', [{}, { login: 'service', ...down }], 'degraded'],
    ['down where users have none', [down, { login: 'service' }], 'down'],
  ])('is %s', async (_, fakes, status) => {
    expect((await check(...fakes).health.run(1_000)).status).toBe(status);
  });

  it('is one check for all who ask while it runs', async () => {
    const { health, asked } = check({}, { mode: 'session' });
    const [one, other] = await Promise.all([health.run(1_000), health.run(1_000)]);
    expect(one).toBe(other);
    expect(asked).toEqual(['direct users', 'session users']);
  });
});
