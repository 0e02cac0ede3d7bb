import { defineCommand } from 'citty';

export const policies = defineCommand({
  meta: {
    name: 'policies',
    description: 'Write supabase/policies into migrations, and find differences',
  },
  subCommands: {
    migration: () => import('./policies-migration.ts').then((file) => file.policiesMigrationCommand),
    check: () => import('./policies-check.ts').then((file) => file.policiesCheckCommand),
  },
});
