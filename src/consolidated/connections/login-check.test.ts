import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Actor } from '../../contract/identity.ts';
import type { Batch, ConnectionMode, OneConnection } from '../../contract/mode.ts';
import { checkLogin } from './login-check.ts';

const USER: Actor = { kind: 'user', role: 'authenticated', claims: '{}', expiresAt: 1 };
const SERVICE: Actor = { ...USER, kind: 'service', role: 'service_role' };
const LIMITS = { deadline: 1, signal: undefined, maxRows: 1, maxBytes: 1 };
/** What the database says of a login that may do no more than those whom it serves. */
const HARMLESS = {
  login: 'app',
  backend: 7,
  superuser: false,
  bypassesRls: false,
  inherits: false,
  owns: false,
  granted: false,
  mayBecome: null as readonly string[] | null,
};

interface Given {
  readonly facts?: Partial<typeof HARMLESS>;
  readonly actor?: Actor;
  readonly production?: boolean;
  readonly sharedLogin?: boolean;
}

/** Looks at a login of these facts; gives the batch that asked for them, and the warnings. */
async function look({ facts, actor = USER, production = true, sharedLogin = false }: Given = {}) {
  const asked: Batch[] = [];
  const warnings: string[] = [];
  const connection: OneConnection = {
    processId: HARMLESS.backend,
    isOpen: true,
    run: async (batch) => {
      asked.push(batch);
      return [{ form: 'rows', fields: [], rows: [[JSON.stringify({ ...HARMLESS, ...facts })]], count: 1 }];
    },
  };
  const mode = {
    name: 'direct',
    onOneConnection: (_limits: unknown, use: (one: OneConnection) => Promise<unknown>) => use(connection),
  } as unknown as ConnectionMode;
  await checkLogin(mode, actor, LIMITS, {
    production,
    sharedLogin,
    clock: new FakeClock(),
    option: 'direct',
    random: () => 0.5,
    pooledStatements: 'unnamed',
    onWarning: (message) => warnings.push(message),
  });
  return { asked, warnings };
}

const FAULTS: readonly (readonly [words: string, facts: Partial<typeof HARMLESS>])[] = [
  ['is a superuser', { superuser: true }],
  ['bypasses row level security', { bypassesRls: true }],
  ['inherits the rights of its roles', { inherits: true }],
  ['owns tables', { owns: true }],
  ['has its own rights on tables', { granted: true }],
  ['may become postgres', { mayBecome: ['postgres'] }],
  ['may become service_role', { mayBecome: ['service_role'] }],
];

describe('a login', () => {
  it('that may do no more than its callers is taken', async () => {
    expect((await look()).warnings).toEqual([]);
  });

  it.each(FAULTS)('that %s is refused in production', async (words, facts) => {
    await expect(look({ facts })).rejects.toMatchObject({
      code: 'PRIVILEGED_LOGIN',
      message: `The login "app" of the mode 'direct' ${words}.`,
    });
  });

  it.each(FAULTS)('that %s is warned of elsewhere', async (words, facts) => {
    const { warnings } = await look({ facts, production: false });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(words);
  });

  it('is not looked at as anybody whose token expires: others wait for it too', async () => {
    expect((await look()).asked[0]?.actor).toEqual({ ...USER, expiresAt: undefined });
  });
});

describe('the login of the service', () => {
  const mayServe = { mayBecome: ['service_role'] };

  it('is there to become the service role', async () => {
    expect((await look({ actor: SERVICE, facts: mayServe })).warnings).toEqual([]);
  });

  it('is there for nothing else', async () => {
    const facts = { mayBecome: ['service_role', 'postgres'] };
    await expect(look({ actor: SERVICE, facts })).rejects.toMatchObject({
      message: expect.stringContaining('may become postgres.'),
    });
  });

  it('may not become it where users share it', async () => {
    await expect(look({ actor: SERVICE, facts: mayServe, sharedLogin: true })).rejects.toMatchObject({
      code: 'PRIVILEGED_LOGIN',
    });
  });
});
