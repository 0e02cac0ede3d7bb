/** A plain value where possible: to await a value that is already there costs a turn of the event loop. */
export type Answer<T> = T | Promise<T>;
