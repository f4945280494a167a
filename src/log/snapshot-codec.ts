import { canonicalText } from '../kernel/canonical.js';
import { type Digest, digestFromBytes, digestOf, digestText, sha256 } from '../kernel/digest.js';
import { decodeUtf8, encodeUtf8 } from '../kernel/utf8.js';
import { version } from '../kernel/version.js';
import {
  type Resumption,
  resumptionOf,
  SnapshotForeign,
  SnapshotMalformed,
  sectionNames,
  sections,
  sectionValue,
} from './snapshot-sections.js';

/** What a snapshot is made of: the digests of its parts, and how they are to be read. */
export interface Manifest {
  readonly type: typeof manifestType;
  /** The version of CAIO that wrote it: another one may fold otherwise, and reads the log from its first entry. */
  readonly program: string;
  readonly sections: readonly string[];
  /** SHA-256 of each part, in order. */
  readonly parts: readonly Digest[];
}

export interface EncodedSnapshot {
  readonly manifest: Manifest;
  /** D("caio/snapshot/v1", manifest). */
  readonly digest: Digest;
  readonly parts: readonly { readonly digest: Digest; readonly bytes: Uint8Array }[];
}

export const manifestType = 'caio/snapshot/v1';

/** A part ends with the first row that makes it longer than this, so that it is bounded by this and one document. */
const partBytes = 65_536;

/**
 * The parts of a snapshot one by one, so that whoever writes it can let others have their turn. Rows `["<section>",<value>]` of canonical JSON, a
 * line each; equal states have equal parts, and what did not change since the last snapshot mostly has the same parts again.
 */
export function* encodeParts(resumption: Resumption): Generator<EncodedSnapshot['parts'][number]> {
  let rows: string[] = [];
  let length = 0;
  const part = () => {
    const bytes = encodeUtf8(rows.join(''));
    rows = [];
    length = 0;
    return { digest: digestFromBytes(sha256(bytes)), bytes };
  };
  for (const [name, section] of sections) {
    for (const value of section.write(sectionValue(resumption, name))) {
      const row = `${canonicalText([name, value])}\n`;
      rows.push(row);
      length += row.length;
      if (length > partBytes) yield part();
    }
    // A large section shares no part with the next: a change of one leaves the parts of the other as they were.
    if (length > partBytes / 16) yield part();
  }
  if (rows.length > 0) yield part();
}

export function manifestOf(parts: readonly Digest[]): {
  readonly manifest: Manifest;
  readonly digest: Digest;
} {
  const manifest: Manifest = { type: manifestType, program: version, sections: sectionNames, parts };
  return { manifest, digest: digestOf(manifestType, manifest) };
}

/** The whole of it. Linear in the state; about 20 µs a document. */
export function encodeSnapshot(resumption: Resumption): EncodedSnapshot {
  const parts = [...encodeParts(resumption)];
  return { ...manifestOf(parts.map(({ digest }) => digest)), parts };
}

/** The digest that these bytes have as a manifest: their text is taken for canonical. */
export function manifestDigest(bytes: Uint8Array): Digest {
  const text = decodeUtf8(bytes);
  return digestText(manifestType, text.ok ? text.value : '');
}

/** The manifest under a digest that was signed, of any version of CAIO. Throws SnapshotMalformed when it is another. */
export function readManifest(bytes: Uint8Array, digest: Digest): Manifest {
  const manifest = jsonIn(bytes) as Partial<Manifest> | null;
  if (typeof manifest !== 'object' || manifest === null || digestOf(manifestType, manifest) !== digest) {
    throw new SnapshotMalformed('the manifest is not the one that was signed');
  }
  return manifest as Manifest;
}

/** The same, and throws SnapshotForeign when this program does not read what it names. */
export function decodeManifest(bytes: Uint8Array, digest: Digest): Manifest {
  const manifest = readManifest(bytes, digest);
  if (manifest.program !== version || String(manifest.sections) !== String(sectionNames)) {
    throw new SnapshotForeign(`it was written by CAIO ${String(manifest.program)}`);
  }
  return manifest;
}

/** What `encodeSnapshot` was given. The parts are those of the manifest, in order; each is checked against its digest. */
export function decodeSnapshot(manifest: Manifest, parts: readonly Uint8Array[]): Resumption {
  const rows = new Map<string, unknown[]>(sectionNames.map((name) => [name, []]));
  for (const [at, bytes] of parts.entries()) {
    if (digestFromBytes(sha256(bytes)) !== manifest.parts[at])
      throw new SnapshotMalformed(`part ${at} is another`);
    for (const line of textIn(bytes).split('\n').slice(0, -1)) {
      const [name, value] = JSON.parse(line) as [string, unknown];
      const section = rows.get(name);
      if (section === undefined) throw new SnapshotMalformed(`an unknown section ${name}`);
      section.push(value);
    }
  }
  return resumptionOf(rows);
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textIn(bytes));
  } catch {
    throw new SnapshotMalformed('it is not JSON');
  }
}

function textIn(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text.ok) return text.value;
  throw new SnapshotMalformed('it is not UTF-8');
}
