// Looks for patterns in every tracked text file. What is found must be on the list of exceptions, each with its reason; an exception
// that nothing needs any more is a finding too.
import { join } from 'node:path';
import { textOf, trackedFiles } from './tracked-files.mjs';

/**
 * @typedef {{ name: string, pattern: RegExp, only?: RegExp }} Forbidden  `only`: the paths to look at; all when absent
 * @typedef {{ path: string, name: string, reason: string }} Exception
 */

/**
 * Prints findings and `N files examined, M findings`; the exit code. Never prints what was found: it may be a secret.
 * @param {string} folder @param {readonly Forbidden[]} forbidden @param {readonly Exception[]} exceptions
 */
export function scan(folder, forbidden, exceptions) {
  const findings = [];
  const needed = new Set();
  let files = 0;
  for (const path of trackedFiles(folder)) {
    const text = textOf(join(folder, path));
    if (text === undefined) continue;
    files += 1;
    for (const { name, pattern, only } of forbidden) {
      if (only?.test(path) === false) continue;
      for (const { index } of text.matchAll(new RegExp(pattern, `g${pattern.flags}`))) {
        const exception = exceptions.find((each) => each.path === path && each.name === name);
        if (exception !== undefined) needed.add(exception);
        else findings.push(`${path}:${text.slice(0, index).split('\n').length}: ${name}`);
      }
    }
  }
  for (const exception of exceptions) {
    if (!needed.has(exception))
      findings.push(`${exception.path}: nothing needs the exception for ${exception.name}`);
  }
  for (const finding of findings) console.error(finding);
  console.log(`${files} files examined, ${findings.length} findings`);
  return findings.length === 0 && files > 0 ? 0 : 1;
}
