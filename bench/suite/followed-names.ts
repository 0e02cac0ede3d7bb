import { withSession } from '../../stack/sql-session.ts';
import { assertFullStack } from '../database.ts';

/** Of each client connection: more than the suite has statements. */
const STATEMENTS = 200;

/**
 * Lets the pooler of the project's own stack follow the names of statements, which the contender `named-pooled` needs. A pooler of
 * the environment is left as it is.
 *
 * @returns what makes it as it was
 */
export async function followNames(): Promise<() => Promise<unknown>> {
  const console = assertFullStack().consoles?.transaction;
  const setting = 'max_prepared_statements';
  if (console === undefined) return () => Promise.resolve();
  const before = await withSession(console, async ({ query }) => {
    const settings = await query<{ key: string; value: string }>('show config');
    return Number(settings.find(({ key }) => key === setting)?.value ?? 0);
  });
  const follow = (count: number) => withSession(console, ({ query }) => query(`set ${setting} = ${count}`));
  await follow(STATEMENTS);
  return () => follow(before);
}
