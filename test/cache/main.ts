/** Runs one of the long runs of the cache: `npm run test:cache -- soak` or `npm run test:cache -- differential`. */
const [run] = process.argv.slice(2);
if (run === 'soak') await import('./run-soak.ts');
else if (run === 'differential') await import('./run-differential.ts');
else throw new Error(`There is 'soak' and 'differential'. It was '${run ?? ''}'.`);
