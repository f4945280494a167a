import type { Certificate } from 'caio/sdk';

/** The parts of a level 3 bundle that the demo shows. */
export interface WholeBundle {
  readonly envelope: {
    readonly payloadType: string;
    readonly payload: string;
    readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
  };
  readonly parameters: { readonly profiles: { readonly [name: string]: readonly number[] } };
  readonly policies: readonly {
    readonly id: string;
    readonly rules: readonly { readonly id: string; readonly reason: string }[];
  }[];
}

/** A decision as its bundle tells it. */
export interface Decision {
  readonly certificate: Certificate;
  readonly bundle: WholeBundle;
  /** The bundle as it came: what is written to the file. */
  readonly text: string;
}

export function readDecision(text: string): Decision {
  const bundle = JSON.parse(text) as WholeBundle;
  const certificate = JSON.parse(
    Buffer.from(bundle.envelope.payload, 'base64').toString('utf8'),
  ) as Certificate;
  return { certificate, bundle, text };
}

export function selectedService({ certificate }: Decision): string | undefined {
  const { outcome } = certificate;
  return outcome.decision === 'routed' ? outcome.selected.service : undefined;
}

/** The reason a policy gives for the rule with this key (`policy/rule`). */
export function reasonOf({ bundle }: Decision, ruleKey: string): string | undefined {
  const [policy, rule] = ruleKey.split('/');
  return bundle.policies.find(({ id }) => id === policy)?.rules.find(({ id }) => id === rule)?.reason;
}

/** Whether the certificate says that `service` went out with this code, as far as its samples tell. */
export function excludedBy({ certificate }: Decision, service: string, code: string, ref?: string): boolean {
  return certificate.funnel.exclusions.some(
    (group) =>
      group.code === code && (ref === undefined || group.ref === ref) && group.sample.includes(service),
  );
}
