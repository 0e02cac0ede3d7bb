import { describe, expect, it } from 'vitest';
import { isOfData } from './data-object.ts';

const ask = (options: object, value?: unknown) =>
  isOfData({ method: 'select', schema: 'public', name: 'trips', options, value });

describe('what a question was made of', () => {
  it.each([[{}], [{ filters: { id: 1 }, columns: ['id'] }], [{}, { of: 1 }]])(
    'can be read again where it is data: %j',
    (options, value?: unknown) => {
      expect(ask(options, value)).toBe(true);
    },
  );

  it.each<[string, object, unknown?]>([
    [
      'a getter',
      {
        filters: {
          get id() {
            return Math.random();
          },
        },
      },
    ],
    ['a proxy', { filters: new Proxy({ id: 1 }, {}) }],
    ['a getter in a list', { columns: Object.defineProperty(['id'], 0, { get: () => 'id' }) }],
    [
      'an argument with a getter',
      {},
      {
        get of() {
          return 1;
        },
      },
    ],
  ])('cannot where it has %s', (_name, options, value) => {
    expect(ask(options, value)).toBe(false);
  });
});
