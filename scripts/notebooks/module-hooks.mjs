// Module loading for a running notebook: modules whose code is given in memory, under the URLs of the files they stand
// for, so that packages and `import.meta.url` resolve as they would from there. Everything else loads as usual.

/** @type {Map<string, string>} */
let codes = new Map();

/** @param {Record<string, string>} given URL to code */
export function initialize(given) {
  codes = new Map(Object.entries(given));
}

/**
 * @param {string} specifier
 * @param {{ parentURL?: string }} context
 * @param {(specifier: string, context: object) => unknown} next
 */
export function resolve(specifier, context, next) {
  const url = /^(\.\.?\/|file:)/.test(specifier) ? new URL(specifier, context.parentURL).href : undefined;
  if (url !== undefined) {
    // Source files name each other by the `.js` they become.
    const found = [url, url.replace(/\.js$/, '.ts'), url.replace(/\.mjs$/, '.mts')].find((one) =>
      codes.has(one),
    );
    if (found !== undefined) return { url: found, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

/**
 * @param {string} url
 * @param {object} context
 * @param {(url: string, context: object) => unknown} next
 */
export function load(url, context, next) {
  const source = codes.get(url);
  return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
}
