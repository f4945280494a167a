import { proofOf } from '../decisions/decision-record.js';
import type { DecisionPorts } from '../decisions/ports.js';
import { decisionHeaders } from '../decisions/promise-headers.js';
import type { Answer } from '../http/answer.js';
import { invalid } from '../http/failure.js';
import type { Exchange, Route } from '../http/route.js';
import { findDecision } from './traces.js';

/** The caller's receipt of a decision: who has it can show for ever that the log had it. */
export function proofRoutes(ports: DecisionPorts): readonly Route[] {
  return [
    {
      method: 'GET',
      scopes: ['traces'],
      body: 'none',
      surface: 'caio',
      url: '/api/v1/traces/:id/proof',
      operation: {
        summary: 'Where the log has the decision: a C2SP tlog-proof',
        description:
          'Index, inclusion path and signed checkpoint. With level=5 under a checkpoint that the quorum of witnesses has cosigned.',
        tag: 'traces',
        parameters: [{ $ref: '#/components/parameters/proof_level' }],
        answers: {
          200: { description: 'The tlog-proof, text/plain' },
          404: { description: 'No such decision, or one of another tenant' },
          503: {
            description: 'No such checkpoint is over the decision yet: Retry-After says when to ask again',
          },
        },
      },
      handle: (exchange) => proof(ports, exchange),
    },
  ];
}

async function proof(ports: DecisionPorts, exchange: Exchange): Promise<Answer> {
  const { level = '4' } = exchange.query;
  if (level !== '4' && level !== '5') {
    const message = 'level is 4 (the log signed) or 5 (witnesses cosigned)';
    return invalid('invalid_request', [{ code: 'query_invalid', path: '/level', message }]);
  }
  const found = await findDecision(ports, exchange);
  if ('kind' in found) return found;
  const body = await proofOf(ports, found.index, level === '4' ? 4 : 5);
  if (typeof body !== 'string') return body;
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    ...decisionHeaders(found.entry.certificate, found.index),
  };
  return { kind: 'raw', status: 200, headers, body };
}
