declare const brand: unique symbol;

/** A `T` that only a parser hands out: `Brand<string, 'Digest'>` is a string everywhere, but no string is one. */
export type Brand<T, B extends string> = T & { readonly [brand]: B };
