import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder, with its bytes. */
export function filesBelow(folder: string): readonly { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }));
}

/** The files below a folder that hold the bytes or, for a text, the text, or that are named after it. */
export function filesWith(folder: string, wanted: Uint8Array | string): readonly string[] {
  return filesBelow(folder)
    .filter(
      ({ path, bytes }) =>
        bytes.includes(typeof wanted === 'string' ? wanted : Buffer.from(wanted)) ||
        (typeof wanted === 'string' && path.includes(wanted)),
    )
    .map(({ path }) => path);
}
