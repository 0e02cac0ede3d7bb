import { describe, expect, it } from 'vitest';
import { isPooled, misplacedUrl, type ProbedConnection, sharesBackends } from './reached-mode.ts';

/** Two connections to a pooler that lends its servers as the function says. */
function pair(lend: (connection: 'one' | 'other', nth: number) => number) {
  let asked = 0;
  const connection = (name: 'one' | 'other'): ProbedConnection => ({
    processId: 1,
    async backend() {
      asked += 1;
      return lend(name, asked - 1);
    },
  });
  return { one: connection('one'), other: connection('other'), asked: () => asked };
}

describe('who answers', () => {
  it('is a pooler where the server process is not the one of the login', () => {
    expect([isPooled(7, 7), isPooled(7, 8), isPooled(undefined, 8)]).toEqual([false, true, true]);
  });

  it('shares servers where the last one is lent again, which one round shows', async () => {
    const { one, other, asked } = pair(() => 100);
    expect(await sharesBackends(one, other, 4)).toBe(true);
    expect(asked()).toBe(2);
  });

  it.each([2, 3, 5])('shares servers where %i are lent by rotation', async (servers) => {
    const { one, other } = pair((_name, nth) => 100 + (nth % servers));
    expect(await sharesBackends(one, other, 4)).toBe(true);
  });

  it('shares none where each connection keeps its own', async () => {
    const { one, other, asked } = pair((name) => (name === 'one' ? 100 : 101));
    expect(await sharesBackends(one, other, 4)).toBe(false);
    expect(asked()).toBe(8);
  });
});

describe('a URL', () => {
  it('that leads to what it is given for is right', () => {
    expect(misplacedUrl('session', 'session')).toBeUndefined();
  });

  it('that leads elsewhere is given for the wrong mode, and the right one is named', () => {
    for (const expected of ['direct', 'session', 'transaction'] as const) {
      for (const reached of ['direct', 'session', 'transaction'] as const) {
        if (expected === reached) continue;
        expect(misplacedUrl(expected, reached)?.advice).toContain(`Set this URL as '${reached}'.`);
      }
    }
  });
});
