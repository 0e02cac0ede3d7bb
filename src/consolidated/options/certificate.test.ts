import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../contract/errors.ts';
import { certificateText } from './certificate.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('a certificate authority', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificate-'));
    await writeFile(join(folder, 'ca.pem'), `# the authority of the project\n${PEM}`);
    await writeFile(join(folder, 'empty.pem'), '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([PEM, `\n  ${PEM}`])('is taken as text where it begins as PEM does', (text) => {
    expect(certificateText('tls', text)).toBe(text);
  });

  it('is read from the file that is named', () => {
    expect(certificateText('tls', join(folder, 'ca.pem'))).toContain(PEM);
  });

  it.each(['nowhere.pem', 'two\nlines', 'a\0b'])('is refused where it is neither: %j', (given) => {
    const refused = () => certificateText('The variable CDB_TLS_CA', given);
    expect(refused).toThrow(ConfigurationError);
    expect(refused).toThrow(`'${given.split('\n')[0]}'`);
  });

  it('is refused where the file holds none', () => {
    expect(() => certificateText('--tls-ca', join(folder, 'empty.pem'))).toThrow('holds no certificate');
  });
});
