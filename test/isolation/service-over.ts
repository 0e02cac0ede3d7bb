import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseServiceOptions,
} from '../../src/index.ts';

export type DatabaseService = ConsolidatedDatabaseService;

/** A service as a backend would make it, told apart in pg_stat_activity by its name. */
export function serviceOver(options: DatabaseServiceOptions): DatabaseService {
  return createDatabaseService({
    applicationName: SOAK_APPLICATION,
    onWarning: () => {},
    // The crowd and the faults are what it is about: nobody is to be kept from them.
    bulkhead: false,
    breaker: false,
    ...options,
  });
}

export const SOAK_APPLICATION = 'isolation-soak';
