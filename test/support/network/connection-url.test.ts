import { expect, it } from 'vitest';
import { readConnectionUrl, throughAddress } from './connection-url.ts';

it('takes a connection string apart', () => {
  expect(readConnectionUrl('postgres://ann.x:p%40ss@127.0.0.1:6543/my%20db')).toEqual({
    address: { host: '127.0.0.1', port: 6543 },
    login: { user: 'ann.x', password: 'p@ss', database: 'my db' },
  });
  expect(readConnectionUrl('postgres://ann@localhost/db').address.port).toBe(5432);
});

it('leads it another way and keeps the rest', () => {
  const url = throughAddress('postgres://ann:p%40ss@db.test:6543/db?sslmode=disable', {
    host: '127.0.0.1',
    port: 1,
  });
  expect(url).toBe('postgres://ann:p%40ss@127.0.0.1:1/db?sslmode=disable');
});
