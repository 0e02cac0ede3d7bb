import * as z from 'zod';
import {
  amount,
  calendarDate,
  currencyCode,
  labels,
  oneOf,
  text,
  uuid,
  vector,
  wholeNumber,
} from '../input-fields.ts';
import { type JsonObject, jsonObject } from '../json-object.ts';

/** As many as the column has. */
const DIMENSIONS = 16;

/** What a trip may be given. `null` empties a field. */
interface TripFields {
  /** 1 to 200 characters; spaces around it are left out. */
  readonly title?: string | undefined;
  /** At most 10,000 characters. @defaultValue '' */
  readonly description?: string | undefined;
  /** An id of `destinations`. */
  readonly destination_id?: number | null | undefined;
  /** @defaultValue 'private' */
  readonly visibility?: 'private' | 'public' | undefined;
  /** A calendar date such as `2027-05-01`. */
  readonly starts_on?: string | null | undefined;
  /** A calendar date, not before `starts_on`. */
  readonly ends_on?: string | null | undefined;
  /** In units of `currency`: 0 to 9,999,999,999.99, at most two decimals. */
  readonly budget?: number | null | undefined;
  /** The code of a currency such as `EUR`. */
  readonly currency?: string | null | undefined;
  /** At most 20 texts of 1 to 50 characters; each is kept once. @defaultValue [] */
  readonly tags?: readonly string[] | undefined;
  /** A JSON object, at most 16 levels deep, of 2,000 values and 16 KiB. @defaultValue {} */
  readonly metadata?: JsonObject | undefined;
  /** 16 finite numbers, in the space of the embeddings of destinations: what `alike` compares. */
  readonly embedding?: readonly number[] | null | undefined;
}

/** What `create` takes. */
export interface NewTrip extends TripFields {
  readonly title: string;
  /** @defaultValue 'planning' */
  readonly status?: 'planning' | 'booked' | undefined;
  /** The service must name the owner. @defaultValue the caller */
  readonly owner_id?: string | undefined;
}

/** What `change` takes: only what is named is changed. To cancel a trip there is `cancel`. */
export interface TripChanges extends TripFields {
  readonly status?: 'planning' | 'booked' | 'completed' | undefined;
}

/** Each optional by presence: a field that is `undefined` was left out before. */
const fields = {
  title: text(1, 200),
  description: text(0, 10_000).exactOptional(),
  destination_id: wholeNumber(1, Number.MAX_SAFE_INTEGER).nullable().exactOptional(),
  visibility: oneOf(['private', 'public']).exactOptional(),
  starts_on: calendarDate().nullable().exactOptional(),
  ends_on: calendarDate().nullable().exactOptional(),
  budget: amount().nullable().exactOptional(),
  currency: currencyCode().nullable().exactOptional(),
  tags: labels(20, 50).exactOptional(),
  metadata: jsonObject().exactOptional(),
  embedding: vector(DIMENSIONS).nullable().exactOptional(),
};

const ENDS_EARLY = { message: "must not be before 'starts_on'", path: ['ends_on'] };

interface Dates {
  readonly starts_on?: string | null;
  readonly ends_on?: string | null;
}

/** Where only one is named, the database compares it with the other. */
function endsInTime({ starts_on, ends_on }: Dates): boolean {
  return starts_on == null || ends_on == null || starts_on <= ends_on;
}

export const NEW_TRIP = {
  name: 'a trip',
  fields: z
    .strictObject({
      ...fields,
      status: oneOf(['planning', 'booked']).exactOptional(),
      owner_id: uuid().exactOptional(),
    })
    .refine(endsInTime, ENDS_EARLY),
};

export const TRIP_CHANGES = {
  name: 'a trip',
  fields: z
    .strictObject({
      ...fields,
      title: fields.title.exactOptional(),
      status: oneOf(['planning', 'booked', 'completed']).exactOptional(),
    })
    .refine(endsInTime, ENDS_EARLY),
};

const STATUS = oneOf(['planning', 'booked', 'completed', 'cancelled']);
const LIMIT = wholeNumber(1, 1_000);

export const TRIP_LIST = {
  name: 'a list of trips',
  fields: z.strictObject({
    status: STATUS.exactOptional(),
    owner_id: uuid().exactOptional(),
    visibility: oneOf(['private', 'public']).exactOptional(),
    tag: text(1, 50).exactOptional(),
    order: oneOf(['starts_on', 'newest']).exactOptional(),
    limit: LIMIT.exactOptional(),
  }),
};

export const TRIP_SEARCH = {
  name: 'a search of trips',
  fields: z.strictObject({
    text: text(1, 1_000),
    status: STATUS.exactOptional(),
    limit: LIMIT.exactOptional(),
  }),
};

const LEAST_SIMILAR = 'must be a number from -1 to 1';

const nearest = {
  limit: LIMIT.exactOptional(),
  similarityThreshold: z.number(LEAST_SIMILAR).min(-1, LEAST_SIMILAR).max(1, LEAST_SIMILAR).exactOptional(),
};

export const ALIKE_BY_ID = { name: 'a search of trips', fields: z.strictObject({ id: uuid(), ...nearest }) };
export const ALIKE_BY_VECTOR = {
  name: 'a search of trips',
  fields: z.strictObject({ vector: vector(DIMENSIONS), ...nearest }),
};

export const SHARE = {
  name: 'a share of a trip',
  fields: z.strictObject({ trip_id: uuid(), user_id: uuid(), role: oneOf(['viewer', 'editor']) }),
};
