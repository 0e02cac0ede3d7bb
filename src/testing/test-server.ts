import { ConfigurationError } from '../contract/errors.ts';
import { type ConnectionSettings, isLoopback, parseConnectionUrl } from '../modes/index.ts';

/**
 * Where the URL of a test leads.
 *
 * Tests drop databases and write as their owner. A URL that was meant for another program must not let them.
 *
 * @throws ConfigurationError `INVALID_URL`; `REMOTE_TEST_DATABASE` unless it leads to this machine or `allowRemote`
 */
export function testServer(option: string, url: string, allowRemote: boolean): ConnectionSettings {
  const settings = parseConnectionUrl(option, url, 'cdb-testing', {}, `URL of the option '${option}'`);
  if (allowRemote || isLoopback(settings.host)) return settings;
  throw new ConfigurationError(
    `The URL of the option '${option}' leads to another machine: ${settings.host}.`,
    {
      code: 'REMOTE_TEST_DATABASE',
      hint: "Tests write and drop as the owner. If that is meant, set 'allowRemote: true'.",
    },
  );
}
