import type { CelType, Environment, StructType } from '../../src/rules/syntax/types.js';

const int = { kind: 'int' } as const;
const bool = { kind: 'bool' } as const;
const string = { kind: 'string' } as const;
const struct = (fields: StructType['fields']): StructType => ({ kind: 'struct', fields });
const list = (of: typeof int | typeof string | typeof bool | StructType): CelType => ({ kind: 'list', of });
const present = (type: CelType) => ({ type, optional: false });
const optional = (type: CelType) => ({ type, optional: true });

/** Small, and with one of everything that a declared type can be. */
export const testEnvironment: Environment = {
  n: int,
  flag: bool,
  word: string,
  numbers: list(int),
  words: list(string),
  colour: { kind: 'string', values: ['red', 'green'] },
  a: struct({
    n: present(int),
    maybe: optional(int),
    text: optional(string),
    flag: optional(bool),
    numbers: optional(list(int)),
    inner: optional(
      struct({
        n: optional(int),
        words: present(list(string)),
        deep: optional(struct({ flag: present(bool) })),
      }),
    ),
    hidden: { type: string, optional: false, sealed: true },
  }),
  items: list(struct({ kind: present(string), size: optional(int), tags: optional(list(string)) })),
};
