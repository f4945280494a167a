/** The seed of every generated test, printed by fast-check when a property fails. `CAIO_TEST_SEED` sets another. */
export const seed = Number(process.env.CAIO_TEST_SEED ?? 42);
