import { describe, expect, it } from 'vitest';
import type { ContextField, Policy, Rule } from '../../../src/contracts/policy.js';
import { contextTypes } from '../../../src/rules/context.js';
import { ruleEnvironment } from '../../../src/rules/environment.js';
import { checkPolicy } from '../../../src/rules/policy.js';

function rule(id: string, when: string, require: string): Rule {
  return { id, type: 'privacy', when, require, reason: 'because', priority: 0 };
}

function policy(rules: readonly Rule[], context: Policy['context'] = {}, id = 'p'): Policy {
  return { id, version: '1', context, rules };
}

function compiled(...rules: readonly Rule[]) {
  const result = checkPolicy(policy(rules), ruleEnvironment({ kind: 'struct', fields: {} }));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.rules;
}

it('a policy has at most 100 problems, so that an answer is not many times the question', () => {
  const rules = Array.from({ length: 50 }, (_, i) => rule(`r${i}`, '!'.repeat(100), 'true'));
  const checked = checkPolicy(policy(rules), ruleEnvironment({ kind: 'struct', fields: {} }));
  expect(checked.ok ? 0 : checked.error.length).toBe(100);
});

const clear = (type: ContextField['type']): ContextField => ({ type, sealed: false });

describe('a checked policy', () => {
  it('has conditions that answer for bindings', () => {
    const [phi] = compiled(
      rule('phi', '"phi" in request.data.contains', 'service.privacy.locality in ["local", "on_device"]'),
    );
    const bindings = {
      request: { data: { contains: ['phi'] } },
      service: { privacy: { locality: 'cloud' } },
    };
    expect(phi?.key).toBe('p/phi');
    expect(phi?.when(bindings)).toBe(true);
    expect(phi?.require(bindings)).toBe(false);
  });

  it('says what its conditions depend on', () => {
    const rules = compiled(
      rule('a', 'true', '"hipaa" in service.alignment.certifications'),
      rule('b', 'now > 0', 'user.trust_level >= service.security.trust_level'),
      rule('c', 'has(request.fallback)', 'request.fallback.max_services == 1'),
      rule('d', 'false', 'false'),
      rule('e', 'true', 'service.capabilities.exists(c, c.type == "chat") && has(service.cost)'),
    );
    expect(rules.map(({ readsService, readsOnlyService }) => [readsService, readsOnlyService])).toEqual([
      [true, true],
      [true, false],
      [false, false],
      [false, true],
      [true, true],
    ]);
    expect(rules.map(({ reads }) => reads)).toEqual([
      ['service.alignment.certifications'],
      ['now', 'service.security.trust_level', 'user.trust_level'],
      ['request.fallback', 'request.fallback.max_services'],
      [],
      ['service.capabilities', 'service.capabilities[].type', 'service.cost'],
    ]);
  });

  it('is refused with every problem of every rule, each at its place', () => {
    const rules = [
      rule('a', 'service.origin == "internal"', 'true'),
      rule('b', 'true', '1.5 > 1 && user.nme == ""'),
      rule('a', 'now', 'true'),
    ];
    const result = checkPolicy(policy(rules), ruleEnvironment({ kind: 'struct', fields: {} }));
    if (result.ok) throw new Error('accepted');
    expect(result.error.map(({ path, line, column, code }) => [path, line, column, code])).toEqual([
      ['/rules/0/when', 1, 1, 'unknown_name'],
      ['/rules/1/require', 1, 1, 'not_in_fragment'],
      ['/rules/1/require', 1, 17, 'unknown_name'],
      ['/rules/2/id', undefined, undefined, 'duplicate_rule'],
      ['/rules/2/when', 1, 1, 'wrong_type'],
    ]);
    expect(result.error[0]?.hint).toContain('move what depends on the service to require');
  });
});

describe('the context of a set of policies', () => {
  it('is the union of their declarations, every field optional', () => {
    const context = contextTypes([
      policy([], { region: clear('string'), count: clear('int') }, 'one'),
      policy(
        [],
        { region: clear('string'), tags: clear('string_list'), mrn: { type: 'string', sealed: true } },
        'two',
      ),
    ]);
    expect(context).toEqual({
      ok: true,
      value: {
        kind: 'struct',
        fields: {
          region: { type: { kind: 'string' }, optional: true, sealed: false },
          count: { type: { kind: 'int' }, optional: true, sealed: false },
          tags: { type: { kind: 'list', of: { kind: 'string' } }, optional: true, sealed: false },
          mrn: { type: { kind: 'string' }, optional: true, sealed: true },
        },
      },
    });
  });

  it('has no field that two policies declare differently', () => {
    const types = contextTypes([
      policy([], { region: clear('string'), mrn: { type: 'string', sealed: true } }, 'one'),
      policy([], { region: clear('int'), mrn: clear('string') }, 'two'),
    ]);
    if (types.ok) throw new Error('accepted');
    expect(types.error.map(({ code, path, message }) => [code, path, message])).toEqual([
      ['context_conflict', '/policies/two/context/region', 'two declares region as int, one as string'],
      ['context_conflict', '/policies/two/context/mrn', 'two declares mrn as string, one as string, sealed'],
    ]);
  });

  it.each(['constructor', 'toString', '__proto__', 'in', 'true', 'Upper', 'a-b', ''])(
    'has no field named %j',
    (name) => {
      const context = JSON.parse(`{${JSON.stringify(name)}: {"type": "string", "sealed": false}}`);
      const types = contextTypes([policy([], context)]);
      expect(types).toMatchObject({ ok: false, error: [{ code: 'reserved_name' }] });
    },
  );
});
