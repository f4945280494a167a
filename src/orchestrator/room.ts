import type { Certificate } from '../contracts/certificate.js';
import { rememberedText } from '../kernel/canonical.js';
import { utf8Length } from '../kernel/utf8.js';

/** How much of its lists a certificate shows: k, n, g and s of calculus section 4. */
export interface Room {
  readonly ranked: number;
  readonly nearest: number;
  readonly groups: number;
  readonly sample: number;
}

const mostBytes = 16_384;

const rows: readonly [Room, ...Room[]] = [
  { ranked: 16, nearest: 8, groups: 32, sample: 3 },
  { ranked: 8, nearest: 8, groups: 32, sample: 1 },
  { ranked: 8, nearest: 4, groups: 16, sample: 1 },
  { ranked: 4, nearest: 2, groups: 8, sample: 1 },
  { ranked: 1, nearest: 1, groups: 4, sample: 0 },
];

/** The certificate in the first room in which it has at most 16,384 canonical bytes; in the last if in none. */
export function fittingCertificate(certificateIn: (room: Room) => Certificate): Certificate {
  const [first, ...smaller] = rows;
  let certificate = certificateIn(first);
  for (const room of smaller) {
    // Written once: what is measured here is signed and logged next.
    if (utf8Length(rememberedText(certificate)) <= mostBytes) break;
    certificate = certificateIn(room);
  }
  return certificate;
}
