import { defineService } from '../../dist/sdk/index.js';

const contractOf = (id, version, url, capabilities, risk = 0.3) => ({
  id,
  version,
  origin: 'internal',
  capabilities: capabilities.map((type) => ({ type, parameters: {} })),
  guarantees: { latency_p95_ms: { max: 1000 } },
  privacy: {
    locality: 'local',
    regions: ['eu-1'],
    jurisdictions: ['EU'],
    encryption: { in_transit: true, at_rest: true },
  },
  alignment: { risk },
  security: { permissions: [], trust_level: 1 },
  api: { protocol: 'caio', url },
});

const offered = ['chat', 'summary'];

/** A service that answers at once and writes down each payload that reaches it: what its ledger says no restart of CAIO can change. */
export async function startService() {
  let note = () => {};
  const service = defineService({
    contract: contractOf('answering', '1.0.0', 'http://127.0.0.1:1', offered),
    execute: ({ decisionId, payload }) => {
      note({ decision: decisionId, service: 'answering' });
      return { result: { heard: payload }, usage: { input_tokens: 1, output_tokens: 1 } };
    },
  });
  const { url } = await service.listen({ port: 0 });
  return {
    contracts: [
      contractOf('answering', '1.0.0', url, offered),
      // Ranked before it, and never there: what asks for a summary falls back.
      contractOf('absent', '1.0.0', 'http://127.0.0.1:9', ['summary'], 0),
    ],
    other: (id, version) => contractOf(id, version, 'http://127.0.0.1:9', ['other']),
    onPayload: (listener) => {
      note = listener;
    },
    close: () => service.close(),
  };
}
