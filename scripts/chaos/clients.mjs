const requestFor = (type) => ({
  request: {
    intent: { type },
    fallback: { max_services: 2, deadline_ms: 2000 },
    data: { classification: 'internal', jurisdictions: ['EU'] },
    estimate: { input_tokens: 10, output_tokens: 10 },
  },
  payload: { messages: [{ role: 'user', content: 'hello' }] },
});

let serial = 0;

/**
 * Clients that execute, route, register, issue and revoke until they are stopped, and write down each answer that acknowledges an entry.
 * What fails because the server is gone is no acknowledgement. `warm` resolves when the first execution was answered.
 */
export function startClients({ url, adminKey, service, ledger, count }) {
  let stopped = false;
  const call = async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
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
  const steps = [
    () => execute('chat'),
    () => execute('summary'),
    () => execute('chat'),
    () => noting('decision', decisionId, call('POST', '/api/v1/route', requestFor('chat'))),
    () => {
      serial += 1;
      const contract = service.other(`other-${serial % 20}`, `1.0.${serial}`);
      return noting('contract.put', () => `${contract.id}@${contract.version}`, put(contract));
    },
    async () => {
      const grant = { tenant: 'acme', scopes: ['decide'], expires: '2199-01-01T00:00:00Z' };
      const { id } = await noting('key.put', keyId, call('POST', '/api/v1/keys', grant));
      await noting('key.revoke', keyId, call('DELETE', `/api/v1/keys/${id}`));
    },
    async () => {
      const { status, text } = await call('GET', '/log/checkpoint');
      if (status !== 200) return;
      const [, size, root] = text.split('\n');
      ledger.roots.push({ size: Number(size), root: Buffer.from(root, 'base64').toString('hex') });
    },
  ];
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
        await steps[n % steps.length]();
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
