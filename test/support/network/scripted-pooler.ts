/** The hostile pooler before a scripted server, as its own tests need it. */
import { HostilePooler, type HostilePoolerOptions } from './hostile-pooler.ts';
import type { Address } from './loopback-server.ts';
import { frontend } from './protocol-messages.ts';
import { RawClient, statement } from './raw-client.ts';
import { type Script, ScriptedServer } from './scripted-server.ts';

export const PASSWORD = 'a password of the tests';
const cleanUps: (() => unknown)[] = [];

/** Ends all that `poolerWith` began; call it after each test. */
export async function endPoolers(): Promise<void> {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
}

export interface ScriptedPooler {
  readonly server: ScriptedServer;
  readonly pooler: HostilePooler;
  readonly address: Address;
  logIn(): Promise<RawClient>;
}

/** One server connection unless the options say otherwise; the only login is `ann`. */
export async function poolerWith(
  options: Partial<HostilePoolerOptions> = {},
  script?: Script,
): Promise<ScriptedPooler> {
  const server = new ScriptedServer(
    script === undefined ? { password: PASSWORD } : { password: PASSWORD, script },
  );
  cleanUps.push(() => server.stop());
  const upstream = await server.start();
  const pooler = new HostilePooler({ upstream, logins: { ann: PASSWORD }, serverConnections: 1, ...options });
  cleanUps.push(() => pooler.stop());
  const address = await pooler.start();
  const logIn = async () => {
    const client = await RawClient.logIn(address, { user: 'ann', database: 'db', password: PASSWORD });
    cleanUps.push(() => client.close());
    return client;
  };
  return { server, pooler, address, logIn };
}

/** A script whose statement `hold` waits until it is let go; everything else answers with its values or its text. */
export function holdingScript(): { script: Script; release: () => void } {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    release: () => release(),
    script: async (sql, values) => {
      if (sql.startsWith('hold')) await held;
      return values.length > 0 ? values : [sql];
    },
  };
}

/** One statement and its Sync. */
export const one = (sql: string, values: readonly (string | null)[] = []) =>
  Buffer.concat([statement(sql, values), frontend.sync()]);
