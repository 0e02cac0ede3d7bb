/** A process that opens the embedded database in the place that its argument names, and prints what that cost. */
import { openPlace, type Place } from './place.ts';

const startedAt = performance.now();
await using _opened = await openPlace(process.argv[2] as Place);
console.log(
  JSON.stringify({ ms: performance.now() - startedAt, megabytes: process.memoryUsage().rss / 1e6 }),
);
