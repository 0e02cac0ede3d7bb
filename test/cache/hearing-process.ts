/** A process that listens, says so, and has nothing else to do. */
import { ChangeListener } from '../../src/consolidated/cache/change-listener.ts';
import { openChannelConnection } from '../../src/consolidated/notifications/channel-connection.ts';
import { systemClock } from '../../src/contract/clock.ts';
import { parseConnectionUrl } from '../../src/modes/index.ts';

const settings = parseConnectionUrl('direct', process.env.CDB_SERVICE_DIRECT_URL ?? '', 'cdb');
// The connection does not keep the process alive, so something else must until it is there.
const waiting = setInterval(() => {}, 1_000);
const listener = new ChangeListener({
  source: {
    open: (events) =>
      openChannelConnection(settings, {
        ...events,
        channel: 'cdb_changes',
        password: settings.password,
        clock: systemClock,
        connectTimeoutMs: 10_000,
      }),
    restAfter: () => undefined,
  },
  sink: { touch: () => {}, flush: () => {} },
  async refreshCatalog() {
    clearInterval(waiting);
    process.stdout.write('listening\n');
  },
  clock: systemClock,
  random: () => 0.5,
  onWarning: (message) => void process.stdout.write(`${message}\n`),
  tell: undefined,
});
listener.start();
