import type { Policy } from './policy.js';
import { wireText } from './wire-text.js';

/** A policy in JSON: `parsePolicy(formatPolicy(p))` is p. */
export function formatPolicy(policy: Policy): string {
  return wireText({
    id: policy.id,
    version: policy.version,
    description: policy.description,
    context: Object.fromEntries(Object.entries(policy.context).map(([name, field]) => [name, { ...field }])),
    rules: policy.rules.map((rule) => ({ ...rule })),
  });
}
