/**
 * What a credential may be used for. `admin` holds every other.
 *
 * - `decide`: discover, route and list what is registered · `execute`: orchestrate and /v1, which send payloads
 * - `register`: put, change and remove services · `policies`: put and remove policies · `keys`: issue and revoke keys
 * - `traces`: read the decisions of one's own tenant · `metrics`: read /metrics · `admin`: all of it, for every tenant
 * - `erase`: erase subjects of one's own tenant, set and lift legal holds on them
 * - `log`: read /log, which holds the entries of every tenant; for auditors and witnesses
 * - `audit`: read /api/v1/audit, the same entries by kind, service and time
 */
export const scopes = [
  'decide',
  'execute',
  'register',
  'policies',
  'keys',
  'traces',
  'metrics',
  'erase',
  'log',
  'audit',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

export function holdsScope(held: ReadonlySet<Scope>, required: readonly Scope[]): boolean {
  return held.has('admin') || required.some((scope) => held.has(scope));
}
