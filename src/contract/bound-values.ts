import { ValidationError } from './errors.ts';

/** The protocol counts the parameters of a statement in 16 bits. */
const MAX_PARAMETERS = 65_535;
/** In transaction mode the nonce is one more parameter, and what a statement may have does not depend on its mode. */
const MAX_VALUES = MAX_PARAMETERS - 1;

/** Throws ValidationError for more values than one statement can have. */
export function assertBindable(count: number): void {
  if (count <= MAX_VALUES) return;
  throw new ValidationError(
    `A statement can have at most ${MAX_VALUES} values, because the protocol of Postgres has at most ${MAX_PARAMETERS} parameters and one is the service's own.`,
    {
      code: 'TOO_MANY_VALUES',
      hint: `Bind a list as one value: op.in([…]) in filters, "= any(\${array})" or "unnest(\${array})" in raw SQL, an array of rows in insert().`,
    },
  );
}
