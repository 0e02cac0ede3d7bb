import { describe, expect, it, onTestFinished } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ConnectionError } from '../../contract/errors.ts';
import { ChannelSubscriptions } from './channel-subscriptions.ts';
import type { ListeningSession } from './listening-session.ts';

/** A session as a test ends, silences or answers for it. */
class FakeSession implements ListeningSession {
  readonly heard: (channel: string, payload: string) => void;
  readonly ended: () => void;
  readonly channels: Set<string>;
  answer: () => Promise<boolean> = async () => true;
  asked = 0;
  over: 'closed' | 'destroyed' | undefined;

  constructor(channels: readonly string[], heard: FakeSession['heard'], ended: () => void) {
    this.channels = new Set(channels);
    this.heard = heard;
    this.ended = ended;
  }

  async listen(channel: string): Promise<void> {
    this.channels.add(channel);
  }

  async unlisten(channel: string): Promise<void> {
    this.channels.delete(channel);
  }

  stillListens(): Promise<boolean> {
    this.asked += 1;
    return this.answer();
  }

  async close(): Promise<void> {
    this.over = 'closed';
  }

  destroy(): void {
    this.over = 'destroyed';
  }
}

const REFUSED = new ConnectionError('The login was refused.', { code: 'LOGIN_REFUSED' });
const AWAY = new ConnectionError('Nothing accepts it.', { code: 'CONNECT_FAILED' });
const UNTIL_ASKED_MS = 5_000;
const SILENCE_MS = 8_000;

function setUp() {
  const clock = new FakeClock();
  const sessions: FakeSession[] = [];
  /** When each opening began. */
  const openings: number[] = [];
  const told: string[] = [];
  const warnings: string[] = [];
  const server: { fault: ConnectionError | undefined; opened: Promise<void> | undefined } = {
    fault: undefined,
    opened: undefined,
  };
  const beganAt = clock.now();
  const subscriptions = new ChannelSubscriptions({
    async open(channels, heard, ended) {
      openings.push(clock.now() - beganAt);
      await server.opened;
      if (server.fault !== undefined) throw server.fault;
      const session = new FakeSession(channels, heard, ended);
      sessions.push(session);
      return session;
    },
    restAfter: (error) => (error === REFUSED ? 20_000 : undefined),
    tell: (change, error) => void told.push(error === undefined ? change : `${change}: ${error.code}`),
    onWarning: (message) => void warnings.push(message),
    clock,
    random: () => 1,
  });
  onTestFinished(() => subscriptions.close());
  const newest = (): FakeSession => sessions.at(-1) as FakeSession;
  return { clock, sessions, newest, openings, told, warnings, server, subscriptions };
}

/** With one subscription that is heard. */
async function listening() {
  const scene = setUp();
  const heard: string[] = [];
  const stop = await scene.subscriptions.add('trips', (payload) => heard.push(payload));
  return { ...scene, heard, stop };
}

describe('subscriptions to channels', () => {
  it('share one session, each hears its own channel, and the last one closes it', async () => {
    const { sessions, newest, subscriptions, heard, stop, told } = await listening();
    const others: string[] = [];
    const stopOther = await subscriptions.add('trips', (payload) => others.push(payload));
    const stopUsers = await subscriptions.add('users', (payload) => others.push(`user ${payload}`));
    expect([...newest().channels]).toEqual(['trips', 'users']);
    newest().heard('trips', '1');
    newest().heard('users', '2');
    expect([heard, others]).toEqual([['1'], ['1', 'user 2']]);
    await stop();
    newest().heard('trips', '3');
    expect([heard, others]).toEqual([['1'], ['1', 'user 2', '3']]);
    await stopOther();
    expect([...newest().channels]).toEqual(['users']);
    await stopUsers();
    expect([sessions.length, newest().over, subscriptions.isListening]).toEqual([1, 'closed', undefined]);
    expect(told).toEqual(['listening']);
  });

  it('are heard again after a short rest when their session has ended, all of them', async () => {
    const { clock, newest, sessions, subscriptions, heard, told, warnings } = await listening();
    await subscriptions.add('users', () => {});
    newest().ended();
    expect([subscriptions.isListening, told.at(-1)]).toEqual([false, 'away: CONNECTION_LOST']);
    await clock.advance(100);
    expect([sessions.length, [...newest().channels]]).toEqual([2, ['trips', 'users']]);
    newest().heard('trips', 'again');
    expect(heard).toEqual(['again']);
    expect([subscriptions.isListening, told, warnings]).toEqual([
      true,
      ['listening', 'away: CONNECTION_LOST', 'listening'],
      [],
    ]);
  });

  it('rest longer with each failure, and warn once', async () => {
    const { clock, newest, openings, server, warnings, told } = await listening();
    server.fault = AWAY;
    newest().ended();
    await clock.advance(60_000);
    expect(openings.slice(0, 6)).toEqual([0, 100, 300, 700, 1_500, 3_100]);
    expect(openings.slice(1).map((at, n) => at - openings[n]!)).toContain(10_000);
    expect(warnings).toEqual([
      'Notifications are not heard, and those that are sent meanwhile are lost. Nothing accepts it.',
    ]);
    server.fault = undefined;
    await clock.advance(10_000);
    expect(told).toEqual(['listening', 'away: CONNECTION_LOST', 'listening']);
  });

  it('do not open a session at once that is lost as soon as it is open', async () => {
    const { clock, newest, openings } = await listening();
    for (let n = 0; n < 4; n++) {
      newest().ended();
      await clock.advance(10_000 - 1);
    }
    expect(openings.length).toBe(5);
    for (const pause of [100, 200, 400]) {
      newest().ended();
      await clock.advance(pause - 1);
      const before = openings.length;
      await clock.advance(1);
      expect(openings.length).toBe(before + 1);
    }
  });

  it('try a login that was refused as rarely as the pools do, also for whoever comes meanwhile', async () => {
    const { clock, newest, openings, server, subscriptions } = await listening();
    server.fault = REFUSED;
    newest().ended();
    await clock.advance(100);
    expect(openings).toEqual([0, 100]);
    for (let n = 0; n < 20; n++) {
      await expect(subscriptions.add('users', () => {})).rejects.toBe(REFUSED);
      await clock.advance(990);
    }
    expect(openings).toEqual([0, 100]);
    server.fault = undefined;
    await clock.advance(200);
    expect(openings).toEqual([0, 100, 20_100]);
    expect([...newest().channels]).toEqual(['trips']);
  });

  it('leave a refused login alone that nobody was subscribed by', async () => {
    const { clock, openings, server, subscriptions, told, warnings } = setUp();
    server.fault = REFUSED;
    for (let n = 0; n < 5; n++) await expect(subscriptions.add('trips', () => {})).rejects.toBe(REFUSED);
    await clock.advance(60_000);
    expect([openings, told, warnings, subscriptions.isListening]).toEqual([[0], [], [], undefined]);
    await expect(subscriptions.add('trips', () => {})).rejects.toBe(REFUSED);
    expect(openings).toEqual([0, 60_000]);
  });

  it('tell whoever subscribes why it cannot be, and try at once for the next one', async () => {
    const { clock, openings, server, subscriptions } = setUp();
    server.fault = AWAY;
    await expect(subscriptions.add('trips', () => {})).rejects.toBe(AWAY);
    await clock.advance(60_000);
    server.fault = undefined;
    await subscriptions.add('trips', () => {});
    expect(openings).toEqual([0, 60_000]);
  });

  it('notice a session that says nothing any more, or has lost a subscription', async () => {
    const { clock, newest, sessions } = await listening();
    newest().answer = () => new Promise(() => {});
    await clock.advance(SILENCE_MS + 200);
    expect([sessions.length, sessions[0]?.over]).toEqual([2, 'destroyed']);
    newest().answer = async () => false;
    await clock.advance(UNTIL_ASKED_MS + 200);
    expect([sessions.length, sessions[1]?.over]).toEqual([3, 'destroyed']);
    await clock.advance(60_000);
    expect([sessions.length, newest().asked]).toEqual([3, 12]);
  });

  it('close a session that nobody needs any more by the time that it is open, and tell of nothing', async () => {
    const { clock, newest, sessions, server, subscriptions, stop, told } = await listening();
    const opened = Promise.withResolvers<void>();
    server.opened = opened.promise;
    newest().ended();
    await clock.advance(100);
    await stop();
    opened.resolve();
    await clock.advance(0);
    expect([sessions.length, newest().over, subscriptions.isListening]).toEqual([2, 'closed', undefined]);
    expect(told).toEqual(['listening', 'away: CONNECTION_LOST']);
    expect(clock.pending).toBe(0);
  });

  it('destroy a session of a service that was closed by the time that it is open', async () => {
    const { server, subscriptions, sessions, clock } = setUp();
    const opened = Promise.withResolvers<void>();
    server.opened = opened.promise;
    const late = subscriptions.add('trips', () => {});
    await clock.advance(0);
    await subscriptions.close();
    opened.resolve();
    await expect(late).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
    expect(sessions[0]?.over).toBe('destroyed');
    await expect(subscriptions.add('trips', () => {})).rejects.toMatchObject({ code: 'SERVICE_CLOSED' });
    expect(clock.pending).toBe(0);
  });
});
