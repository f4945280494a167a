import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Orchestrated, RefusedError, type WireRequestDocument } from 'caio/sdk';
import type { RunningCaio } from './caio.js';
import { type Decision, excludedBy, readDecision, selectedService } from './decision.js';
import { explain } from './funnel.js';
import { type Expectations, heading, paint, say } from './terminal.js';

export interface Stage {
  readonly caio: RunningCaio;
  readonly expectations: Expectations;
  /** Where bundles are written. */
  readonly folder: string;
}

/** A decision that was told, and the file with its bundle. */
export interface Told {
  readonly name: string;
  readonly file: string;
  readonly decision: Decision;
}

const chat = {
  intent: { type: 'chat' },
  requirements: {
    capabilities: [{ type: 'chat', parameters: { languages: ['en'] } }],
    guarantees: { latency_p95_ms: { max: 2000 }, accuracy: { min: 0.9 } },
  },
  budget: { max_cost_usd: 0.05, max_latency_ms: 5000 },
  estimate: { input_tokens: 800, output_tokens: 300 },
} as const;

const saying = (content: string) => ({ messages: [{ role: 'user', content }] });

export async function ordinaryChat(stage: Stage): Promise<Told> {
  heading('1. An ordinary request');
  const { answer, told } = await execute(stage, 'ordinary-chat', {
    request: chat,
    payload: saying(
      'What does a control plane for AI services do? It decides which service may and should serve a request.',
    ),
  });
  const content = contentOf(answer.result);
  say(`  ${paint('cyan', '“')}${content}${paint('cyan', '”')}`);
  const { expectations } = stage;
  expectations.check(
    'the best service is selected: cirrus, in the cloud',
    selectedService(told.decision) === 'cirrus',
  );
  expectations.check('its answer came back', content.includes('Cirrus'), content);
  return told;
}

export async function healthData(stage: Stage): Promise<Told> {
  heading('2. The same, with health data: it must stay local');
  const { answer, told } = await execute(stage, 'health-data', {
    request: {
      ...chat,
      data: { classification: 'restricted', contains: ['phi'] },
      traits: { confidential: 0.9, conservative: 0.2, risk_tolerance: 0.3 },
    },
    payload: saying(
      'The patient takes 5 mg of warfarin. The patient reports bruises. Is the dose of warfarin too high?',
    ),
  });
  say(`  ${paint('cyan', '“')}${contentOf(answer.result)}${paint('cyan', '”')}`);
  const { expectations } = stage;
  const { decision } = told;
  expectations.check('parley, on the premises, is selected', selectedService(decision) === 'parley');
  expectations.check(
    'cirrus is out by the rule hipaa/phi-covered',
    excludedBy(decision, 'cirrus', 'rule_violated', 'hipaa/phi-covered'),
  );
  expectations.check(
    'no word of the payload is in the certificate, only a commitment to it',
    !JSON.stringify(decision.certificate).includes('warfarin') &&
      decision.certificate.inputs.commitments.payload !== undefined,
  );
  return told;
}

export async function refusedRequest(stage: Stage): Promise<Told> {
  heading('3. A request that no service may serve');
  const { client } = stage.caio;
  const request = {
    ...chat,
    requirements: { ...chat.requirements, constraints: { on_device: true } },
    data: { classification: 'restricted', contains: ['phi'] },
  } satisfies WireRequestDocument['request'];
  let refused: unknown;
  try {
    await client.orchestrate({ request, payload: saying('Read my health record.') });
  } catch (error) {
    refused = error;
  }
  const { expectations } = stage;
  if (!(refused instanceof RefusedError) || refused.decisionId === undefined) {
    throw new Error('the request should have been refused', { cause: refused });
  }
  const told = await tell(stage, 'refusal', refused.decisionId);
  const { outcome, funnel } = told.decision.certificate;
  expectations.check(
    'it is refused, and the refusal is a certified decision',
    outcome.decision === 'refused',
  );
  expectations.check(
    'the reason is given service by service',
    outcome.decision === 'refused' &&
      outcome.nearest.length === funnel.registered &&
      outcome.nearest.every(({ lacked }) => lacked.length > 0),
  );
  return told;
}

export async function hotSwap(stage: Stage): Promise<Told[]> {
  heading('4. The best service is swapped away between two calls');
  const { client } = stage.caio;
  const { expectations } = stage;
  const summary: WireRequestDocument = {
    request: {
      intent: { type: 'summarise' },
      requirements: {
        capabilities: [{ type: 'summarise', parameters: { languages: ['en'] } }],
        guarantees: { accuracy: { min: 0.6 } },
      },
      budget: { max_cost_usd: 0.01 },
      seed: 7,
    },
    payload: { text: report, sentences: 2 },
  };
  const first = await execute(stage, 'before-the-swap', summary);
  sayResult(first.answer);
  expectations.check('scribe serves the first call', selectedService(first.told.decision) === 'scribe');

  await client.disable('scribe', 'maintenance, for the demo');
  say();
  say(`  ${paint('yellow', 'scribe is disabled')}; the same request again`);
  const second = await execute(stage, 'after-the-swap', summary);
  sayResult(second.answer);
  expectations.check('gist serves the second call', selectedService(second.told.decision) === 'gist');
  expectations.check(
    'scribe is out because it is disabled',
    excludedBy(second.told.decision, 'scribe', 'disabled'),
  );

  await client.enable('scribe');
  const third = await client.route(summary);
  const { outcome } = third.certificate;
  expectations.check(
    'enabled again, scribe is selected again, without a restart',
    outcome.decision === 'routed' && outcome.selected.service === 'scribe',
  );
  return [first.told, second.told];
}

async function execute(
  stage: Stage,
  name: string,
  request: WireRequestDocument,
): Promise<{ readonly answer: Orchestrated; readonly told: Told }> {
  const answer = await stage.caio.client.orchestrate(request);
  return { answer, told: await tell(stage, name, answer.decision_id) };
}

/** Fetches the bundle, writes it to its file as it came, and explains it. */
async function tell({ caio, folder }: Stage, name: string, decisionId: string): Promise<Told> {
  const text = await caio.client.bundle(decisionId, 3);
  const file = join(folder, `${name}.bundle.json`);
  writeFileSync(file, text);
  const decision = readDecision(text);
  explain(decision);
  return { name, file, decision };
}

function contentOf(result: unknown): string {
  const { choices } = result as {
    readonly choices?: readonly { readonly message?: { readonly content?: string } }[];
  };
  return choices?.[0]?.message?.content ?? '';
}

function sayResult({ result }: Orchestrated): void {
  const { summary, method } = result as { readonly summary: string; readonly method: string };
  say(`  ${paint('cyan', '“')}${summary}${paint('cyan', '”')} ${paint('dim', `by ${method}`)}`);
}

const report = `The harbour of Brunn was closed for nine days in March. A ship had lost its anchor in the channel.

Divers looked for the anchor from the second day on. Ice in the channel kept the divers from the anchor until the seventh day.
On the ninth day the anchor was lifted and the channel was open to ships again.

The harbour master counted the cost. Ships had waited outside the harbour, and ships had gone elsewhere.
She asked that every anchor chain be inspected before a ship enters the channel.`;
