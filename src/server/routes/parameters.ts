import { parametersDigest } from '../../contracts/digests.js';
import { formatParameters } from '../../contracts/format-parameters.js';
import type { Parameters } from '../../contracts/parameters.js';
import { parseParameters } from '../../contracts/parse-parameters.js';
import { canonicalBytes } from '../../kernel/canonical.js';
import { ok } from '../../kernel/result.js';
import { entryType } from '../../log/entry.js';
import type { Clock } from '../clock.js';
import { type Answer, jsonText, withMember } from '../http/answer.js';
import { invalid } from '../http/failure.js';
import { located, parseBody } from '../http/parse-body.js';
import type { Exchange, Route } from '../http/route.js';
import { authorOf, changeState, type StatePorts } from '../state-change.js';
import { changeParameters, notSigned } from './change-operation.js';

export interface ParameterPorts extends StatePorts {
  readonly clock: Clock;
}

/** Weights, scales, zones, forbidden actions, accepted issuers: what the calculus leaves to the operator. */
export function parameterRoutes(ports: ParameterPorts): readonly Route[] {
  const shared = { url: '/api/v1/parameters', scopes: ['admin'], surface: 'caio' } as const;
  const tag = 'parameters';
  const answers = { 200: { description: 'The parameters in force', schema: 'ParametersAnswer' } };
  return [
    {
      ...shared,
      method: 'GET',
      body: 'none',
      operation: { summary: 'The parameters in force', tag, answers },
      handle: () => {
        const { state, size } = ports.log.view.folded;
        return parametersAnswer(state.parameters, size);
      },
    },
    {
      ...shared,
      method: 'PUT',
      body: 'document',
      operation: {
        summary: 'Replace the parameters as a whole',
        tag,
        body: 'Parameters',
        parameters: changeParameters,
        answers: { ...answers, ...notSigned },
      },
      handle: (exchange) => put(ports, exchange),
    },
  ];
}

/** As much as a contract or a policy may have: it must fit into one entry of the log. */
const maxParametersBytes = 49_152;

async function put(ports: ParameterPorts, exchange: Exchange): Promise<Answer> {
  const body = parseBody(exchange, parseParameters, 'invalid_parameters');
  if (!body.ok) return body.error;
  const { value: parameters, document } = body.value;
  if (canonicalBytes(parameters).length > maxParametersBytes) {
    const message = `more than ${maxParametersBytes} canonical bytes`;
    return invalid('invalid_parameters', [{ code: 'document_too_large', path: '', message }]);
  }
  const digest = parametersDigest(parameters);
  const changed = await changeState(
    ports,
    exchange,
    ({ folded }) => {
      if (parametersDigest(folded.state.parameters) === digest) return ok([]);
      const time = ports.clock.wallMicros();
      const author = authorOf(exchange.identity);
      return ok([{ type: entryType, kind: 'parameters.put', time, author, parameters }]);
    },
    (problems) => invalid('invalid_parameters', located(problems, document)),
  );
  return changed.ok ? parametersAnswer(parameters, changed.value.to) : changed.error;
}

function parametersAnswer(parameters: Parameters, size: number): Answer {
  const digest = parametersDigest(parameters);
  return jsonText(200, withMember({ digest }, 'parameters', formatParameters(parameters)), {
    'x-caio-log-index': String(size - 1),
  });
}
