import { defineCommand } from 'citty';

export const migrate = defineCommand({
  meta: { name: 'migrate', description: 'Apply migrations, and show which are applied' },
  subCommands: {
    up: () => import('./migrate-up.ts').then((file) => file.migrateUpCommand),
    status: () => import('./migrate-status.ts').then((file) => file.migrateStatusCommand),
  },
});
