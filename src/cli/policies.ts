import { defineCommand } from 'citty';

export const policies = defineCommand({
  meta: {
    name: 'policies',
    description: 'Write supabase/policies into migrations, find differences, and what is wrong with them',
  },
  subCommands: {
    test: () => import('./policies-test.ts').then((file) => file.policiesTestCommand),
    'open-temporarily': () => import('./policies-open.ts').then((file) => file.policiesOpenCommand),
    close: () => import('./policies-close.ts').then((file) => file.policiesCloseCommand),
    status: () => import('./policies-status.ts').then((file) => file.policiesStatusCommand),
    lint: () => import('./policies-lint.ts').then((file) => file.policiesLintCommand),
    migration: () => import('./policies-migration.ts').then((file) => file.policiesMigrationCommand),
    check: () => import('./policies-check.ts').then((file) => file.policiesCheckCommand),
  },
});
