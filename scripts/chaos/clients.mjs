const requestFor = (type) => ({
  request: {
    intent: { type },
    fallback: { max_services: 2, deadline_ms: 2000 },
    data: { classification: 'internal', jurisdictions: ['EU'] },
    estimate: { input_tokens: 10, output_tokens: 10 },
  },
  payload: { messages: [{ role: 'user', content: 'hello' }] },
});

const policyOf = (version) => ({
  id: 'no-poems',
  version,
  context: {},
  rules: [
    {
      id: 'no-poems',
      type: 'compliance',
      when: 'request.intent.type == "poem"',
      require: 'false',
      reason: 'no poems',
    },
  ],
});

let serial = 0;

/**
 * Clients that execute, route, register, issue and revoke until they are stopped, and write down each answer that acknowledges an entry.
 * What fails because the server is gone is no acknowledgement. `warm` resolves when the first execution was answered. `between`: how many
 * plain decisions there are between two other steps of a client.
 */
export function startClients({ url, adminKey, service, ledger, count, between = 0 }) {
  let stopped = false;
  const call = async (method, path, body, key = adminKey) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status >= 500) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return { status: response.status, headers: response.headers, text };
  };
  const noting = async (kind, idOf, answering) => {
    const { status, headers, text } = await answering;
    const index = headers.get('x-caio-log-index');
    if (index === null) throw new Error(`${kind}: ${status} without a log index: ${text}`);
    const body = JSON.parse(text);
    ledger.acknowledge({ index: Number(index), kind, id: idOf(body) });
    return body;
  };
  const decisionId = (body) => body.decision_id;
  const keyId = (body) => body.id;
  const execute = (type) =>
    noting('decision', decisionId, call('POST', '/api/v1/orchestrate', requestFor(type)));
  const route = (key) =>
    noting('decision', decisionId, call('POST', '/api/v1/route', requestFor('chat'), key));
  const steps = [
    () => execute('chat'),
    () => execute('summary'),
    () => execute('chat'),
    () => route(),
    () => {
      serial += 1;
      const contract = service.other(`other-${serial % 20}`, `1.0.${serial}`);
      return noting('contract.put', () => `${contract.id}@${contract.version}`, put(contract));
    },
    async () => {
      const grant = { tenant: 'acme', scopes: ['decide'], expires: '2199-01-01T00:00:00Z' };
      const { id, key } = await noting('key.put', keyId, call('POST', '/api/v1/keys', grant));
      await route(key);
      await noting('key.revoke', keyId, call('DELETE', `/api/v1/keys/${id}`));
    },
    () => {
      serial += 1;
      return noting('policy.put', ({ id, version }) => `${id}@${version}`, putPolicy(`${serial}`));
    },
    async () => {
      const { status, text } = await call('GET', '/log/checkpoint');
      if (status !== 200) return;
      const [, size, root] = text.split('\n');
      ledger.roots.push({ size: Number(size), root: Buffer.from(root, 'base64').toString('hex') });
    },
  ];
  const putPolicy = (version) => call('POST', '/api/v1/policies', policyOf(version));
  const put = (contract) => call('POST', '/api/v1/services', contract);

  const warm = (async () => {
    for (const contract of service.contracts) {
      const { status, text } = await put(contract);
      if (status !== 200 && status !== 201) throw new Error(`registering: ${status} ${text}`);
    }
    await execute('summary');
  })();
  const client = async (first) => {
    await warm;
    for (let n = first; !stopped; n += 1) {
      try {
        if (n % (between + 1) === 0) await steps[(n / (between + 1)) % steps.length]();
        else await route();
      } catch (cause) {
        if (isGone(cause)) return;
        throw cause;
      }
    }
  };
  const running = Array.from({ length: count }, (_, i) => client(i));
  // Looked at when they are stopped; until then a failure is nobody's.
  for (const each of running) each.catch(() => {});
  return {
    warm,
    stop: async () => {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/** undici's word for a connection that broke, or was never made. */
function isGone(cause) {
  return cause instanceof TypeError && /fetch failed|terminated/.test(cause.message);
}
