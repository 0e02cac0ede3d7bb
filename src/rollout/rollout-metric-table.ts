const OF_CALL = ['side', 'operation', 'table'] as const;

/** All metrics of a rollout, by their whole names. docs/rollout.md, the dashboard and the alert rules are compared with this table. */
export const ROLLOUT_METRIC_TABLE = {
  calls: {
    name: 'cdb_rollout_call_duration_seconds',
    type: 'histogram',
    labels: OF_CALL,
    help: 'Time from a call to its answer, by the side that it went to.',
  },
  faults: {
    name: 'cdb_rollout_faults_total',
    type: 'counter',
    labels: OF_CALL,
    help: 'Calls that failed through no fault of the request.',
  },
  comparisons: {
    name: 'cdb_rollout_comparisons_total',
    type: 'counter',
    labels: ['result'],
    help: 'Reads that were drawn for a comparison, by what became of it.',
  },
  percentage: {
    name: 'cdb_rollout_percentage',
    type: 'gauge',
    labels: [],
    help: 'Percent of the users whose calls go to the consolidated service, by the flag as a whole.',
  },
  heldBack: {
    name: 'cdb_rollout_held_back',
    type: 'gauge',
    labels: [],
    help: '1: the kill switch or the guard sends all calls to the legacy service.',
  },
  tripped: {
    name: 'cdb_rollout_tripped',
    type: 'gauge',
    labels: [],
    help: '1: the guard has sent all calls back to the legacy service, until somebody lets them return.',
  },
  readable: {
    name: 'cdb_rollout_flag_readable',
    type: 'gauge',
    labels: [],
    help: '0: the flag cannot be read.',
  },
} as const;
