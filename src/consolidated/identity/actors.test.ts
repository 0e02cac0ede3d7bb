import { describe, expect, it } from 'vitest';
import type { Identity } from '../../contract/identity.ts';
import { Actors, anonymous, service, user } from './actors.ts';

const actors = new Actors(['reader']);
const code = (name: string) => expect.objectContaining({ code: name });

describe('an identity', () => {
  it('is a role of the database', () => {
    expect(actors.of(anonymous())).toMatchObject({ kind: 'anonymous', role: 'anon' });
    expect(actors.of(service())).toMatchObject({ kind: 'service', role: 'service_role' });
    expect(actors.of(user({ sub: 'ann' }))).toMatchObject({
      kind: 'user',
      role: 'authenticated',
      claims: '{"sub":"ann","role":"authenticated"}',
    });
    expect(actors.of(user({ role: 'reader' }))).toMatchObject({
      role: 'reader',
      claims: '{"role":"reader"}',
    });
  });

  it.each<unknown>([
    { kind: 'service' },
    { kind: 'user', claims: { sub: 'ann' } },
    JSON.parse(JSON.stringify(service())),
    Object.create(service()),
    null,
    'service',
  ])('is none that only looks like one: %j', (lookAlike) => {
    expect(() => actors.of(lookAlike as Identity)).toThrow(code('INVALID_IDENTITY'));
  });

  it('is not in one service what it was in another', () => {
    const reader = user({ role: 'reader' });
    expect(actors.of(reader)).toMatchObject({ role: 'reader' });
    expect(() => new Actors([]).of(reader)).toThrow(code('ROLE_NOT_ALLOWED'));
    expect(actors.of(reader)).toMatchObject({ role: 'reader' });
  });

  it('is found out once for each service', () => {
    const ann = user({ sub: 'ann' });
    expect(actors.of(ann)).toBe(actors.of(ann));
  });
});

describe('claims', () => {
  it.each(['service_role', 'postgres', 'anon ', '', 7, {}])('cannot choose the role %j', (role) => {
    expect(() => actors.of(user({ role } as never))).toThrow(code('ROLE_NOT_ALLOWED'));
  });

  it('change nothing when they are changed afterwards', () => {
    const claims = { sub: 'ann', role: 'authenticated' };
    const ann = user(claims);
    claims.sub = 'ben';
    claims.role = 'reader';
    expect(actors.of(ann)).toMatchObject({
      role: 'authenticated',
      claims: '{"sub":"ann","role":"authenticated"}',
    });
  });

  it('are those of the call, whatever the same user had before', () => {
    const claimsOf = (claims: Record<string, unknown>) => JSON.parse(actors.of(user(claims)).claims);
    const admin = { sub: 'ann', app: { roles: ['admin'] } };
    const fallen = { sub: 'ann', app: { roles: [] } };
    for (const claims of [admin, fallen, admin, admin, fallen]) {
      expect(claimsOf(claims)).toEqual({ ...claims, role: 'authenticated' });
    }
    admin.app.roles[0] = 'reader';
    expect(claimsOf(admin)).toEqual({ ...admin, role: 'authenticated' });
  });

  it('give the same identity where they are equal', () => {
    expect(user({ sub: 'eve', exp: 2 })).toBe(user({ sub: 'eve', exp: 2 }));
  });

  it('are taken up to 8 KB and refused beyond', () => {
    const around = JSON.stringify({ note: '', role: 'anon' }).length;
    const sized = (bytes: number) => user({ note: 'x'.repeat(bytes - around), role: 'anon' });
    expect(actors.of(sized(8 * 1024)).claims).toHaveLength(8 * 1024);
    expect(() => actors.of(sized(8 * 1024 + 1))).toThrow(code('CLAIMS_TOO_LARGE'));
  });

  it('are sent in ASCII, whatever they hold', () => {
    const claims = { sub: 'é😀\u2028', role: 'anon' };
    const { claims: text } = actors.of(user(claims));
    expect(text).toMatch(/^[ -~]*$/);
    expect(JSON.parse(text)).toEqual(claims);
  });

  it('have a sub that is a text and an exp that is a number', () => {
    for (const sub of [7, null, {}]) {
      expect(() => user({ sub } as never)).toThrow(code('INVALID_CLAIMS'));
    }
    expect(() => actors.of(user({ exp: '2030' } as never))).toThrow(code('INVALID_CLAIMS'));
    expect(actors.of(user({ exp: 2 })).expiresAt).toBe(2_000);
    expect(actors.of(user({})).expiresAt).toBeUndefined();
  });

  it.each([null, undefined, 'ann', ['ann']])('are an object, not %j', (claims) => {
    expect(() => user(claims as never)).toThrow(code('INVALID_CLAIMS'));
  });
});
