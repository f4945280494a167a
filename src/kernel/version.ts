/** The version of this package, the same as in package.json (held together by a test). */
export const version = '0.1.0';
