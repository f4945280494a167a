import type { Finding } from '../contracts/certificate.js';

/** A finding as a clause with the service as its subject. `rules`: the reason that a rule gives, by key. */
export function reasonFor({ code, ref }: Finding, rules: ReadonlyMap<string, string>): string {
  const because = rules.has(ref) ? `: ${rules.get(ref)}` : '';
  switch (code) {
    case 'method_not_accepted':
      return 'the method of authentication is not accepted';
    case 'issuer_unknown':
      return 'the issuer of the credential is not known';
    case 'audience_wrong':
      return 'the credential is meant for another audience';
    case 'credential_not_yet_valid':
      return 'the credential is not valid yet';
    case 'credential_expired':
      return 'the credential has expired';
    case 'disabled':
      return 'it is disabled';
    case 'held_out':
      return 'it is held out of service';
    case 'capability_missing':
      return ref === 'any' ? 'it has none of the required capabilities' : `it does not offer ${ref}`;
    case 'capability_parameter':
      return `it offers ${ref}, but not with the required parameters`;
    case 'guarantee_absent':
      return `it promises no ${ref}`;
    case 'guarantee_weaker':
      return `its promise of ${ref} is weaker than required`;
    case 'limit_exceeded':
      return `the request exceeds its ${ref}`;
    case 'data_not_accepted':
      return ref === 'max_classification'
        ? 'the data is more sensitive than it accepts'
        : `it refuses ${ref} data`;
    case 'rule_violated':
      return `it violates the rule ${ref}${because}`;
    case 'rule_error':
      return `the rule ${ref} cannot be evaluated for it${because}`;
    case 'permission_missing':
      return ref === 'any_of'
        ? 'the caller has none of the permissions it asks for'
        : `the caller lacks ${ref}`;
    case 'sensitive_unprotected':
      return 'the data is sensitive, and it is neither local nor encrypted in transit and at rest';
    case 'jurisdiction_unknown':
      return 'it does not say in which jurisdictions it works';
    case 'jurisdiction_outside':
      return `it works in ${ref}, which the request does not allow`;
    case 'trust_insufficient':
      return 'it asks for a higher trust level than the caller has';
    case 'tenant_not_admitted':
      return "it does not admit the caller's tenant";
    case 'zone_not_allowed':
      return `its zone ${ref} is not allowed for the caller's tenant`;
    case 'cost_unknown':
      return 'its cost is unknown, and there is a budget';
    case 'budget_exceeded':
      return 'it costs more than the budget';
    case 'latency_unknown':
      return 'its latency is unknown, and there is a limit';
    case 'latency_exceeded':
      return 'it is slower than the limit';
    case 'action_forbidden':
    case 'action_harmful':
    case 'action_unsafe':
      return `its action ${ref} is ${code.slice('action_'.length)}`;
    case 'on_device_required':
      return 'it does not run on the device';
    case 'certification_missing':
      return `it is not certified for ${ref}`;
    case 'risk_exceeds_tolerance':
      return 'its risk is above what is tolerated';
    case 'confidential_not_local':
      return 'the request is confidential, and it is not local';
    case 'conservative_not_met':
      return 'the request is conservative, and it is neither deterministic nor internal';
  }
}
