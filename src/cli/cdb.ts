import { defineCommand } from 'citty';

/** The tree of commands. A command's file is loaded when it runs, or when the help of its group is shown. */
export const cdb = defineCommand({
  meta: {
    name: 'cdb',
    description:
      'Manage a consolidated-db database. Exit codes: 0 success, 1 failure or findings, 2 usage error, 130 interrupted.',
  },
  subCommands: {
    init: () => import('./init.ts').then((file) => file.init),
    migrate: () => import('./migrate.ts').then((file) => file.migrate),
    policies: () => import('./policies.ts').then((file) => file.policies),
    cache: () => import('./cache.ts').then((file) => file.cache),
    audit: () => import('./audit.ts').then((file) => file.audit),
    bench: () => import('./bench.ts').then((file) => file.bench),
    doctor: () => import('./doctor.ts').then((file) => file.doctor),
  },
});
