import { describe, expect, it } from 'vitest';
import { forExpress, forFastify, forHono, type HttpOptions } from '../../src/http/index.ts';
import { createDatabaseService } from '../../src/index.ts';

const db = createDatabaseService({ embedded: true });
const log = () => {};

describe.each([
  ['forHono', forHono],
  ['forExpress', forExpress],
  ['forFastify', forFastify],
])('the options of %s', (_name, make) => {
  it.each<[string, object]>([
    ['log', {}],
    ['log', { log: 'console' }],
    ['anonymous', { log, anonymous: 'maybe' }],
    ['identify', { log, identify: 'x-api-key' }],
    ['anonymus', { log, anonymus: 'refuse' }],
  ])('name %s, which is wrong', (option, options) => {
    const wrong = options as HttpOptions;
    expect(() => make(db, wrong)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(option) }),
    );
  });

  it('are taken as they are when it is made', () => {
    expect(() => make(db, { log, anonymous: undefined, identify: undefined })).not.toThrow();
  });
});
