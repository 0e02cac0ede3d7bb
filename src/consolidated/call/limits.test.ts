import { describe, expect, it } from 'vitest';
import { parseOptions } from '../options/parse-options.ts';
import { limitsOf, traced, uncapped } from './limits.ts';

describe('the limits of a call', () => {
  it.each([true, false])('let it be refused late as its service says: bulkhead %j', (bulkhead) => {
    const limits = limitsOf({}, parseOptions({ embedded: true, bulkhead }));
    expect(limits.mayBeShed).toBe(bulkhead);
    expect(uncapped(limits).mayBeShed).toBe(bulkhead);
    // Whether or not somebody is told of it.
    const trace = { queueMs: 0, connectMs: 0, serverMs: 0 };
    expect(traced(limits, trace)).toEqual({ ...limits, trace });
  });
});
