/**
 * The soak of the cache, as a command:
 *
 *     npm run test:cache -- soak
 *     npm run test:cache -- soak --operations 100000 --seed 7
 *     npm run test:cache -- soak --operations 100000 --second-level
 *
 * Users read and write in two processes at once. It exits 0 only if nobody saw what was another's or older than what they had
 * written, all effects were seen in both, and memory and staleness were within their bounds.
 */
import { parseArgs } from 'node:util';
import { soakFaults, soakLimits, soakTable } from './soak-report.ts';
import { playSoak } from './soak-scene.ts';

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== 'soak'),
  options: {
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** Writes a second. */
    rate: { type: 'string', default: '200' },
    /** One in that many operations writes. */
    writes: { type: 'string', default: '25' },
    'max-mib': { type: 'string', default: '2' },
    /** The processes share answers in a store. */
    'second-level': { type: 'boolean', default: false },
  },
});

const options = {
  operations: Number(values.operations),
  seed: Number(values.seed),
  rate: Number(values.rate),
  writeShare: 1 / Number(values.writes),
  maxBytes: Number(values['max-mib']) * 1_048_576,
  secondLevel: values['second-level'],
};
console.log(`seed ${options.seed}`);
const result = await playSoak({
  ...options,
  onProgress: ({ operations, faults }) => {
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${operations} operations, ${faults} faults`);
  },
});
const faults = [...soakFaults(result, options), ...soakLimits(result, options)];
console.log(['', soakTable(result, options), '', ...faults.map((fault) => `FAULT ${fault}`)].join('\n'));
process.exitCode = faults.length === 0 ? 0 : 1;
