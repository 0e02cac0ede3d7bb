/**
 * The whole soak, as a command:
 *
 *     node test/isolation/run-soak.ts --statements 100000 --mode transaction --neighbours same
 *     node test/isolation/run-soak.ts --hostile
 *
 * It prints what it saw as JSON and exits 0 only if nobody saw what was another's and all calls settled.
 */
import { parseArgs } from 'node:util';
import { BAD_DAY } from '../support/network/pooler-faults.ts';
import { faultsOf } from './soak-faults.ts';
import { crowded, playScene } from './soak-scene.ts';

const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '100000' },
    mode: { type: 'string', default: 'transaction' },
    neighbours: { type: 'string', default: 'another' },
    hostile: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

if (values.mode !== 'transaction' && values.mode !== 'session') {
  throw new Error(`--mode is transaction or session. It was ${values.mode}.`);
}
if (values.neighbours !== 'another' && values.neighbours !== 'same') {
  throw new Error(`--neighbours have another login or the same. It was ${values.neighbours}.`);
}

const startedAt = performance.now();
const aftermath = await playScene({
  mode: values.mode,
  statements: Number(values.statements),
  seed: Number(values.seed),
  neighbours: values.neighbours === 'same' ? 'the same' : 'another',
  ...crowded(values.mode),
  ...(values.hostile && { faults: BAD_DAY }),
});
const { tally, ...rest } = aftermath;
const { written, notApplied, ...counts } = tally;
const faults = faultsOf(aftermath);
const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
console.log(
  JSON.stringify(
    {
      ...values,
      seconds,
      tally: { ...counts, written: written.length, notApplied: notApplied.length },
      ...rest,
      faults,
    },
    null,
    2,
  ),
);
process.exitCode = faults.length === 0 ? 0 : 1;
