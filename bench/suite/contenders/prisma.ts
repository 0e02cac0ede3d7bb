import { existsSync } from 'node:fs';
import type { Target } from '../../contender.ts';
import type { SuiteClient, SuiteContender } from '../contender.ts';

const PEERS = new URL('../../peers/', import.meta.url);

/** Prisma with its extension for row level security. It is a package of its own: with its generator it has 300 MB. */
export const prismaOrm: SuiteContender = {
  name: 'prisma',
  recipe: '$extends: $transaction([set_config, query]); raw SQL for vectors',
  source: 'https://github.com/prisma/prisma-client-extensions/tree/main/row-level-security',
  missing: () =>
    existsSync(new URL('generated/client.ts', PEERS)) ? undefined : 'npm run bench:peers installs it',
  async open(target) {
    // Checked by a compiler run of its own, because it is not always there: `npm run bench:peers`.
    const { openPrisma } = (await import(new URL('prisma.ts', PEERS).href)) as {
      readonly openPrisma: (target: Target) => SuiteClient;
    };
    return openPrisma(target);
  },
};
