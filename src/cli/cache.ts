import { defineCommand } from 'citty';

export const cache = defineCommand({
  meta: { name: 'cache', description: 'Let the caches of other processes hear of changes' },
  subCommands: {
    triggers: () => import('./cache-triggers.ts').then((file) => file.cacheTriggersCommand),
  },
});
