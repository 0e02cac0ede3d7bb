import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, ConnectionMode } from '../../contract/mode.ts';
import type { Choice } from '../../modes/index.ts';
import type { Connections } from '../connections/connections.ts';
import type { Resilience } from './resilience.ts';

/** A statement that fits everywhere. */
const ANY: Choice = { asked: undefined, valueBytes: 0, needsTypedRows: false, isRaw: false };
/** Those who wait for the catalog have limits of their own. */
const UNLIMITED: CallLimits = {
  deadline: Number.POSITIVE_INFINITY,
  signal: undefined,
  maxRows: 0,
  maxBytes: 0,
};

/**
 * The mode that reads the catalog, with its login checked: chosen and guarded as for any read, because without a catalog no
 * call is sent at all. Where a pooler has failed before the first call of a service, another mode reads it.
 */
export async function catalogMode(
  connections: Pick<Connections, 'choose' | 'elsewhere' | 'check'>,
  { gate, fallback }: Pick<Resilience, 'gate' | 'fallback'>,
  actor: Actor,
): Promise<Pick<ConnectionMode, 'run'>> {
  const preferred = connections.choose('select', actor, ANY);
  const other = fallback?.isAway(preferred)
    ? connections.elsewhere(preferred, 'select', actor, ANY, (mode) => fallback.mayTake(mode, actor))
    : undefined;
  const mode = other ?? preferred;
  const passing = { limits: UNLIMITED, actor, thrown: undefined, pass: 0 };
  gate?.enter(passing, mode);
  const guarded = async <T>(work: Promise<T> | undefined): Promise<T | undefined> => {
    try {
      const result = await work;
      if (work !== undefined) gate?.leave(passing, mode, undefined);
      return result;
    } catch (error) {
      gate?.leave(passing, mode, error);
      throw error;
    }
  };
  await guarded(connections.check(mode, actor));
  return { run: async (batch, limits) => (await guarded(mode.run(batch, limits))) ?? [] };
}
