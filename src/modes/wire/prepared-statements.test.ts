import { describe, expect, it } from 'vitest';
import type { ServerMessage } from './messages.ts';
import { PreparedStatements } from './prepared-statements.ts';

const error = (code: string, routine?: string) => ({ code, routine }) as ServerMessage;

/** A statement that the server has confirmed. */
function ready(prepared: PreparedStatements, plan: string, role = 'anon') {
  const statement = prepared.use(plan, role);
  statement.ready = true;
  return statement;
}

describe('a statement that a connection has prepared', () => {
  it('is the same one for the same plan and role', () => {
    const prepared = new PreparedStatements(10);
    expect(prepared.use('plan', 'anon')).toBe(prepared.use('plan', 'anon'));
    expect(prepared.size).toBe(1);
  });

  it('has another name for another role: its plan is made for the row level security of one', () => {
    const prepared = new PreparedStatements(10);
    const roles = ['anon', 'authenticated', 'service_role'];
    const statements = roles.map((role) => prepared.use('plan', role));
    expect(new Set(statements.map(({ name }) => name)).size).toBe(3);
    expect(roles.map((role) => prepared.use('plan', role))).toEqual(statements);
  });

  it('is closed when there are too many and it was not used for the longest', () => {
    const prepared = new PreparedStatements(2);
    const first = ready(prepared, 'first');
    const second = ready(prepared, 'second');
    prepared.use('first', 'anon');
    const third = ready(prepared, 'third');
    expect(prepared.evict([third])).toEqual([second.name]);
    expect(prepared.size).toBe(2);
    expect(prepared.use('first', 'anon')).toBe(first);
  });

  it('stays when the batch at hand uses it, however many there are', () => {
    const prepared = new PreparedStatements(1);
    const both = [ready(prepared, 'first'), ready(prepared, 'second')];
    expect(prepared.evict(both)).toEqual([]);
    expect(prepared.size).toBe(2);
  });

  it('is closed again and again until the server has answered', () => {
    const prepared = new PreparedStatements(0);
    const { name } = ready(prepared, 'plan');
    expect(prepared.evict([])).toEqual([name]);
    expect(prepared.evict([])).toEqual([name]);
    prepared.confirmClosed(name);
    expect(prepared.evict([])).toEqual([]);
  });
});

describe('what a refused batch makes of the statements', () => {
  it.each([error('26000'), error('42P05'), error('0A000', 'RevalidateCachedQuery')])(
    'after $code all are prepared anew, and closed before',
    (refusal) => {
      const prepared = new PreparedStatements(10);
      const known = ready(prepared, 'known');
      prepared.settleFailed(refusal);
      expect(prepared.size).toBe(0);
      const anew = prepared.use('known', 'anon');
      expect([anew.ready, prepared.mustClose(known.name)]).toEqual([false, true]);
    },
  );

  it('after any other error those that were confirmed are kept', () => {
    const prepared = new PreparedStatements(10);
    const known = ready(prepared, 'known');
    const unconfirmed = prepared.use('unconfirmed', 'anon');
    prepared.settleFailed(error('23505'));
    expect(prepared.use('known', 'anon')).toBe(known);
    expect(prepared.use('unconfirmed', 'anon')).not.toBe(unconfirmed);
    expect(prepared.mustClose(unconfirmed.name)).toBe(true);
  });

  it('after a discard there are none, and none to close', () => {
    const prepared = new PreparedStatements(10);
    const { name } = ready(prepared, 'plan');
    prepared.settleFailed(error('26000'));
    prepared.forgetAll();
    expect([prepared.size, prepared.mustClose(name)]).toEqual([0, false]);
  });
});
