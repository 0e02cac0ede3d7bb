/** At once where that is possible: to wait for what is there already costs a turn of the event loop's queue. */
export type Answer<T> = T | Promise<T>;
