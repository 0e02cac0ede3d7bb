import type { Command } from './aim.ts';
import type { Table } from './model/rows.ts';

interface Cells {
  readonly allowed: readonly string[];
  readonly refused: readonly string[];
}

const OWN: Cells = { allowed: ['self', 'service'], refused: ['stranger', 'anonymous'] };
const BY_KEY = 'self, by a key';
const OWN_KEY: Cells = { ...OWN, refused: [...OWN.refused, BY_KEY] };
const NOBODY: readonly string[] = ['self', 'stranger', 'anonymous'];
const SERVICE_ALONE: Cells = { allowed: ['service'], refused: ['user', 'anonymous'] };
const ALL_BY_SERVICE: Readonly<Partial<Record<Command, Cells>>> = {
  select: SERVICE_ALONE,
  insert: SERVICE_ALONE,
  update: SERVICE_ALONE,
  delete: SERVICE_ALONE,
  'upsert of a row': SERVICE_ALONE,
};
const OWN_PROFILE: Cells = {
  allowed: ['self', 'service'],
  refused: ['fellow traveller', 'stranger', 'anonymous'],
};
const OTHERS_OF_TRIPS = ['stranger, public', 'stranger, private', 'anonymous, public', 'anonymous, private'];
const OTHER_COLLABORATORS = ['another editor', 'another viewer', 'stranger', 'anonymous'];

/** Who is allowed what on which rows, and who is refused it: each of these has to be met, and nothing else. */
export const CELLS: Readonly<Record<Table, Readonly<Partial<Record<Command, Cells>>>>> = {
  profiles: {
    select: { allowed: ['self', 'fellow traveller', 'service'], refused: ['stranger', 'anonymous'] },
    insert: OWN_PROFILE,
    update: OWN_PROFILE,
    'update of a fixed column': {
      allowed: [],
      refused: ['self', 'fellow traveller', 'stranger', 'anonymous'],
    },
    delete: OWN_PROFILE,
    'upsert of a row': OWN_PROFILE,
  },
  destinations: {
    select: { allowed: ['user', 'anonymous', 'service'], refused: [] },
    insert: SERVICE_ALONE,
    update: SERVICE_ALONE,
    delete: SERVICE_ALONE,
    'upsert of a row': SERVICE_ALONE,
  },
  trips: {
    select: {
      allowed: ['owner', 'editor', 'viewer', 'stranger, public', 'anonymous, public', 'service'],
      refused: ['stranger, private', 'anonymous, private'],
    },
    insert: { allowed: ['owner', 'service'], refused: OTHERS_OF_TRIPS },
    update: { allowed: ['owner', 'editor', 'service'], refused: ['viewer', ...OTHERS_OF_TRIPS] },
    'update of a fixed column': {
      allowed: ['service'],
      refused: ['owner', 'editor', 'viewer', ...OTHERS_OF_TRIPS],
    },
    'update of the visibility': {
      allowed: ['owner', 'service'],
      refused: ['editor', 'viewer', ...OTHERS_OF_TRIPS],
    },
    delete: { allowed: ['owner', 'service'], refused: ['editor', 'viewer', ...OTHERS_OF_TRIPS] },
    'upsert of a row': { allowed: ['owner', 'editor', 'service'], refused: ['viewer', ...OTHERS_OF_TRIPS] },
  },
  trip_collaborators: {
    select: {
      allowed: ['trip owner', 'trip owner, of self', 'self', 'another editor', 'another viewer', 'service'],
      refused: ['stranger', 'anonymous'],
    },
    insert: {
      allowed: ['trip owner', 'service'],
      refused: ['trip owner, of self', 'self', ...OTHER_COLLABORATORS],
    },
    update: {
      allowed: ['trip owner', 'trip owner, of self', 'service'],
      refused: ['self', ...OTHER_COLLABORATORS],
    },
    'update of a fixed column': {
      allowed: [],
      refused: ['trip owner', 'trip owner, of self', 'self', ...OTHER_COLLABORATORS],
    },
    delete: {
      allowed: ['trip owner', 'trip owner, of self', 'self', 'service'],
      refused: OTHER_COLLABORATORS,
    },
    'upsert of a row': {
      allowed: ['trip owner', 'service'],
      refused: ['trip owner, of self', 'self', ...OTHER_COLLABORATORS],
    },
  },
  api_keys: {
    select: { ...OWN, allowed: [...OWN.allowed, BY_KEY] },
    insert: OWN_KEY,
    update: OWN_KEY,
    'update of a fixed column': { allowed: ['service'], refused: [...NOBODY, BY_KEY] },
    delete: OWN_KEY,
    'upsert of a row': OWN_KEY,
  },
  search_history: {
    select: OWN,
    insert: OWN,
    update: { allowed: ['service'], refused: NOBODY },
    delete: OWN,
  },
  sign_in_passwords: ALL_BY_SERVICE,
  sign_in_sessions: ALL_BY_SERVICE,
};
