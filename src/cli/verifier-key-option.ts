import { readText } from './files.js';

/** The verifier key that an option gives: itself, or the name of a file that holds it. */
export async function verifierKeyText(option: string): Promise<string> {
  const isKey = /^[^+\s]+\+[0-9a-f]{8}\+/.test(option);
  return isKey ? option : (await readText(option, 'Verifier key')).trim();
}
