import type { Head } from '../port.js';

/** Whether two heads are one: every field of them. */
export function sameHead(one: Head | undefined, other: Head | undefined): boolean {
  return one?.size === other?.size && one?.root === other?.root;
}
