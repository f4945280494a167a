import type { LogSource } from '../../src/auditor/source.js';
import { canonicalBytes } from '../../src/kernel/canonical.js';
import { leafHash } from '../../src/kernel/merkle.js';
import { signCheckpoint } from '../../src/log/tlog/checkpoint.js';
import { formatBundle } from '../../src/log/tlog/entry-bundle.js';
import { emptyFrontier, grow, rootOf } from '../../src/log/tlog/frontier.js';
import type { SigningKey } from '../../src/proofs/signing-key.js';
import { tilesOf } from '../../src/verifier/log-tiles.js';

/** A log as it is read from outside. */
export interface Published {
  readonly source: LogSource;
  /** A signed note. */
  readonly checkpoint: Uint8Array;
}

const tileKey = (level: number, index: number) => `${level}/${index}`;

/** The log of these entries as an operator who has the key publishes it: hashed and signed anew, whatever they say. */
export function publishLog(entries: readonly object[], key: SigningKey): Published {
  const bytes = entries.map((entry) => canonicalBytes(entry));
  const { frontier, tiles } = grow(emptyFrontier, bytes.map(leafHash));
  const stored = new Map<string, Uint8Array>(
    tiles.map(({ level, index, bytes: tile }) => [tileKey(level, index), tile]),
  );
  for (const { level, index, width } of tilesOf(entries.length)) {
    if (width < 256 && level !== 'entries') {
      stored.set(tileKey(level, index), Buffer.concat(frontier.edges[level] ?? []));
    }
  }
  const signer = { name: key.name, hash: key.hash, sign: (text: string) => key.sign(Buffer.from(text)) };
  return {
    checkpoint: Buffer.from(signCheckpoint(entries.length, rootOf(frontier), signer)),
    source: {
      readTile: async ({ level, index, width }) => stored.get(tileKey(level, index))?.slice(0, 32 * width),
      readBundle: async ({ index, width }) => {
        const formatted = formatBundle(bytes.slice(256 * index, 256 * index + width));
        return formatted.ok ? formatted.value : undefined;
      },
    },
  };
}
