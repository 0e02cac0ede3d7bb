import { ConnectionError } from '../contract/errors.ts';
import type { FlagSource } from './flag-source.ts';

/** What it needs of a client of `@openfeature/server-sdk`. */
interface OpenFeatureClient {
  getObjectDetails(
    flagKey: string,
    defaultValue: Record<string, never>,
  ): Promise<{ readonly value: unknown; readonly errorCode?: string | undefined }>;
  addHandler(eventType: string, handler: () => void): void;
  removeHandler(eventType: string, handler: () => void): void;
}

const EVENTS = ['PROVIDER_CONFIGURATION_CHANGED', 'PROVIDER_READY'];

/**
 * The flag as the value of an object flag of any OpenFeature provider. It is evaluated for nobody in particular, when the provider
 * tells of a change and several times a second: who goes where is said by the `RolloutFlag` that is its value, not by the
 * provider's own targeting. A flag that the provider does not have is no flag.
 *
 * OpenFeature has no way to write. So a trip of the guard holds in its own process only, and so does its `reset()`: let your
 * alerts throw the kill switch for the others (`onEvent`).
 *
 * @example
 * ```ts
 * const flag = openFeatureFlag(OpenFeature.getClient(), 'database-rollout');
 * ```
 */
export function openFeatureFlag(client: OpenFeatureClient, key: string): FlagSource {
  return {
    async read() {
      const { value, errorCode } = await client.getObjectDetails(key, {});
      if (errorCode === 'FLAG_NOT_FOUND') return { flag: undefined, trip: undefined };
      if (errorCode !== undefined) {
        throw new ConnectionError(`The OpenFeature provider cannot tell the flag: ${errorCode}.`, {
          code: 'FLAG_UNAVAILABLE',
        });
      }
      return { flag: value, trip: undefined };
    },
    watch(changed) {
      for (const event of EVENTS) client.addHandler(event, changed);
      return () => {
        for (const event of EVENTS) client.removeHandler(event, changed);
      };
    },
  };
}
