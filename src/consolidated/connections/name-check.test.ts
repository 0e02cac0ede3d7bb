import { expect, it } from 'vitest';
import { ConnectionError, type DatabaseError, TimeoutError, ValidationError } from '../../contract/errors.ts';
import { checkNames } from './name-check.ts';

function check(follows: () => Promise<string>): Promise<void> {
  return checkNames('transaction', follows);
}

it('takes a pooler that shows that it follows names', async () => {
  await expect(check(async () => 'true')).resolves.toBeUndefined();
});

it('refuses a pooler that shows the opposite', async () => {
  await expect(check(async () => 'false')).rejects.toMatchObject({
    code: 'NAMES_NOT_FOLLOWED',
    message: expect.stringContaining("option 'transaction'"),
  });
});

it('refuses a pooler that cannot answer a named statement, and says why', async () => {
  const cause = new ValidationError('no such statement', { code: 'INVALID_VALUE' });
  await expect(check(() => Promise.reject(cause))).rejects.toMatchObject({
    code: 'NAMES_NOT_FOLLOWED',
    cause,
  });
});

it('says nothing of a pooler that did not answer, or of a fault of our own', async () => {
  const faults: readonly (DatabaseError | Error)[] = [
    new TimeoutError('too late', { code: 'TIMEOUT' }),
    new ConnectionError('lost', { code: 'CONNECTION_LOST' }),
    new TypeError('a fault'),
  ];
  for (const fault of faults) await expect(check(() => Promise.reject(fault))).rejects.toBe(fault);
});
