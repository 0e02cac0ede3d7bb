import { defineCommand } from 'citty';

export const audit = defineCommand({
  meta: { name: 'audit', description: 'Record who changes what, and read it' },
  subCommands: {
    tables: () => import('./audit-tables.ts').then((file) => file.auditTablesCommand),
    list: () => import('./audit-list.ts').then((file) => file.auditListCommand),
  },
});
