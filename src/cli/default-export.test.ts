import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultExport } from './default-export.ts';

it('says how to go on where Node runs no TypeScript, and takes JavaScript there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cdb-'));
  try {
    const [typed, plain] = [join(folder, 'a.ts'), join(folder, 'a.mjs')];
    for (const file of [typed, plain]) await writeFile(file, 'export default 7;');
    await expect(defaultExport(typed, false)).rejects.toMatchObject({
      message: expect.stringContaining('it is TypeScript'),
      hint: expect.stringMatching(/\.mjs or \.js, .* 22\.18 .*--experimental-strip-types/),
    });
    expect(await defaultExport(plain, false)).toBe(7);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
