import { defineConfig } from 'prisma/config';

// `prisma generate` would download a program for migrations, which it does not start. Nothing is downloaded if it is told where one is.
process.env.PRISMA_SCHEMA_ENGINE_BINARY = process.execPath;
process.env.CHECKPOINT_DISABLE = '1';

export default defineConfig({ schema: 'schema.prisma' });
