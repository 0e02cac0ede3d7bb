import { expect, it } from 'vitest';
import { type Claims, user, ValidationError } from '../../src/index.ts';
import { describeEveryMode, errorOf } from './every-mode.ts';

const ME = '00000000-0000-4000-8000-00000000000a';

const REFUSED: Readonly<Record<string, () => Record<string, unknown>>> = {
  'a circle': () => {
    const circle: Record<string, unknown> = { sub: ME };
    circle.self = circle;
    return circle;
  },
  'a circle deep inside': () => {
    const list: unknown[] = [];
    list.push({ list });
    return { sub: ME, app_metadata: { list } };
  },
  'a bigint': () => ({ sub: ME, level: 7n }),
  'a bigint deep inside': () => ({ sub: ME, app_metadata: { levels: [1, 7n] } }),
  'a getter': () => ({
    sub: ME,
    get role() {
      return 'anon';
    },
  }),
  'a getter deep inside': () => ({
    sub: ME,
    app_metadata: {
      get tenant() {
        return 'a';
      },
    },
  }),
  'a getter that throws': () => ({
    sub: ME,
    get role(): string {
      throw new RangeError('thrown by a getter');
    },
  }),
  'a getter as sub': () => ({
    get sub() {
      return ME;
    },
  }),
};

describeEveryMode('claims at the door', 'create table notes (id int)', (modes) => {
  it.each(Object.entries(REFUSED))('are refused with %s', async (_name, make) => {
    await using db = modes.service('direct');
    const error = await errorOf(async () => db.as(user(make() as Claims)).select('notes'));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ code: 'INVALID_CLAIMS', outcome: 'not-applied' });
    expect((error as Error).message).not.toContain('thrown by a getter');
  });

  it('are copied once, with all that is in them', async () => {
    await using db = modes.service('direct');
    const tenants = ['a'];
    const claims = { sub: ME, app_metadata: { tenants, plan: 'free' } };
    const identity = user(claims);
    const mine = db.as(identity);
    tenants.push('b');
    claims.app_metadata.plan = 'gold';
    const seen = () => mine.sql`select auth.jwt() -> 'app_metadata' as it`;
    expect(await seen()).toEqual([{ it: { tenants: ['a'], plan: 'free' } }]);
    expect(await db.as(identity).sql`select auth.jwt() -> 'app_metadata' as it`).toEqual(await seen());
  });

  it('are read once: what changes at each look does not become another identity', async () => {
    await using db = modes.service('direct');
    let looks = 0;
    const claims = new Proxy({ sub: ME } as Record<string, unknown>, {
      get: (target, name) => {
        if (name === 'sub') looks += 1;
        return name === 'sub' && looks > 1 ? '00000000-0000-4000-8000-00000000000b' : target[name as string];
      },
    });
    const answer = await (async () =>
      db.as(user(claims as Claims)).sql`select auth.uid()::text as uid`)().catch((error: unknown) => error);
    if (answer instanceof Error) return expect(answer).toBeInstanceOf(ValidationError);
    expect(answer).toEqual([{ uid: ME }]);
  });

  it('do not take their text from a toJSON of their own', async () => {
    await using db = modes.service('direct');
    const claims = { sub: ME, toJSON: () => ({ sub: '00000000-0000-4000-8000-00000000000b' }) };
    const answer = await (async () => db.as(user(claims)).sql`select auth.uid()::text as uid`)().catch(
      (error: unknown) => error,
    );
    if (answer instanceof Error) return expect(answer).toBeInstanceOf(ValidationError);
    expect(answer).toEqual([{ uid: ME }]);
  });
});
