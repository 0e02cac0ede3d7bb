import { parseArgs } from 'node:util';

const HELP = `Holds the database to a model of the policies, which was written from docs/who-may-do-what.md and not from the SQL.

  npm run test:policies
  npm run test:policies -- --cases 5000 --seed 7
  npm run test:policies -- --seed 7 --world 3
  npm run test:policies -- mutants
  npm run test:policies -- mutants --only 'trips'

  --cases N    generated statements, batches and transactions (default 100000);
               with mutants, how many the model may take to notice one (default 10000)
  --seed S     repeats a run (default: another one each time)
  --world W    that world of the seed alone, where a difference was
  --embedded   all of it on PGlite (otherwise a twentieth is)
  mutants      weakens policies, grants and functions one by one: matrix and model must each notice
  --only TEXT  mutants whose names hold the text
  --help       this text

It exits 0 only if nothing differs and each cell of the table of what is covered was met often
enough; with mutants, if each is noticed by both, but for those that are listed as equivalent with the reason.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    world: { type: 'string' },
    embedded: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: 'cases' | 'seed' | 'world', text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`The option '--${name}' must be a whole number from ${least}. It was '${text}'.`);
}

const [run = 'differential', ...further] = positionals;
if (!['differential', 'mutants'].includes(run) || further.length > 0)
  throw new Error(`There is 'mutants', or nothing for the differential. It was '${positionals.join(' ')}'.`);

const seed = wholeNumber('seed', values.seed, 0);
const isGood = values.help || (await (run === 'mutants' ? mutants() : differential()));
if (values.help) console.log(HELP);
process.exitCode = isGood ? 0 : 1;

async function differential(): Promise<boolean> {
  const { runDifferential } = await import('./run-differential.ts');
  const world = values.world === undefined ? undefined : wholeNumber('world', values.world, 1);
  const cases = wholeNumber('cases', values.cases ?? '100000', 1);
  return await runDifferential({ seed, cases, world, embedded: values.embedded });
}

async function mutants(): Promise<boolean> {
  const { runMutants } = await import('./mutants/run-mutants.ts');
  return await runMutants({
    seed,
    cases: wholeNumber('cases', values.cases ?? '10000', 1),
    only: values.only,
  });
}
