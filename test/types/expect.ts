/** Fails to compile unless its argument is `true`. */
export type Expect<T extends true> = T;

/**
 * Whether two types are the same, `any` and readonly-ness included: two generic functions are assignable
 * to each other only when their conditions are identical.
 */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** What a promise of `T` resolves to, or what an async iterable of it yields. */
export type Answer<T> = T extends Promise<infer R> ? R : T extends AsyncIterable<infer R> ? R : never;
