import { asSortedSet } from './sorted-set.js';

/** The words from which requests and contracts of one state are drawn: few, so that they meet. */
export interface Vocabulary {
  readonly permissions: readonly string[];
  readonly jurisdictions: readonly string[];
  readonly regions: readonly string[];
  readonly actions: readonly string[];
  readonly certifications: readonly string[];
  readonly languages: readonly string[];
  readonly tenants: readonly string[];
  readonly zones: readonly string[];
}

/** U+FFEE comes before U+1F600 and U+1D49C by code point, and after them by UTF-16 code unit. */
export const beyondTheBasicPlane = ['\uffee', '\u{1d49c}', '\u{1f600}'] as const;

export const plainVocabulary: Vocabulary = {
  permissions: ['admin', 'chat:use', 'embed:use', 'root'],
  jurisdictions: ['CH', 'EU', 'US'],
  regions: ['eu-central', 'eu-west', 'us-east'],
  actions: [
    'send_mail',
    'weapon_control',
    'self_replication',
    'unsandboxed_code',
    'delete_files',
    'write_file',
  ],
  certifications: asSortedSet(['HIPAA', 'ISO 27001', 'SOC 2', ...beyondTheBasicPlane]),
  languages: asSortedSet(['de', 'en', 'fr', ...beyondTheBasicPlane]),
  tenants: ['acme', 'clinic', 'constructor', 'outsider'],
  zones: ['default', 'dmz', 'outside', 'vault'],
};

/** As the calculus admits, though the parser of contracts does not: labels above U+FFFF, whose order shows in findings and promises. */
export const widerVocabulary: Vocabulary = {
  ...plainVocabulary,
  permissions: asSortedSet(['admin', 'chat:use', ...beyondTheBasicPlane]),
  jurisdictions: asSortedSet(['CH', 'EU', ...beyondTheBasicPlane]),
  regions: asSortedSet(['eu-west', ...beyondTheBasicPlane]),
  actions: asSortedSet([...plainVocabulary.actions, ...beyondTheBasicPlane]),
};

const long = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(3, '0')}`.padEnd(64, 'x'));

/** Many long words: certificates of such states do not fit at the first attempt. */
export const longVocabulary: Vocabulary = {
  ...plainVocabulary,
  permissions: long('permission', 40),
  jurisdictions: long('jurisdiction', 40),
  regions: long('region', 120),
  certifications: long('certification', 24),
};
