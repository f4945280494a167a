import { describe, expect, it } from 'vitest';
import { AnsweringThread } from '../../../src/cli/answering-thread.js';

interface Message {
  readonly id: number;
  readonly say: string;
}
interface Answer {
  readonly id: number;
  readonly said: string;
}

/** A real thread that answers in the reverse order once it is told to, or dies. */
const code = `
  import { parentPort, workerData } from 'node:worker_threads';
  const held = [];
  parentPort.on('message', ({ id, say }) => {
    if (say === 'die') throw new Error('it was too much');
    if (say === 'leave') process.exit(0);
    if (say === 'hold') held.push(id);
    else if (say === 'all') for (const each of [id, ...held.toReversed()]) parentPort.postMessage({ id: each, said: workerData });
    else parentPort.postMessage({ id, said: say });
  });
`;
const module = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
const start = (text = code) =>
  new AnsweringThread<Message, Answer>(module(text), 'a thread of the test', 'data');
const asking = (say: string) => (id: number) => ({ id, say });

describe('a thread that answers', () => {
  it('answers each question once, in whatever order', async () => {
    const thread = start();
    const order: string[] = [];
    const note = (name: string) => (answer: Answer) => {
      order.push(name);
      return answer.said;
    };
    const first = thread.ask(asking('hold')).then(note('first'));
    const second = thread.ask(asking('hold')).then(note('second'));
    const third = thread.ask(asking('all')).then(note('third'));
    expect(thread.asked).toBe(3);
    expect(await Promise.all([first, second, third])).toEqual(['data', 'data', 'data']);
    expect(order).toEqual(['third', 'second', 'first']);
    expect(thread.asked).toBe(0);
    await thread.stop();
  });

  it('that dies tells those who wait what it died of, and those who ask afterwards', async () => {
    const thread = start();
    const waiting = thread.ask(asking('hold'));
    const fatal = thread.ask(asking('die'));
    await expect(waiting).rejects.toThrow('it was too much');
    await expect(fatal).rejects.toThrow('it was too much');
    await expect(thread.ask(asking('hello'))).rejects.toThrow('it was too much');
    expect(thread.asked).toBe(0);
  });

  it('that leaves by itself is named', async () => {
    const thread = start();
    await expect(thread.ask(asking('leave'))).rejects.toThrow('a thread of the test ended');
    await expect(thread.ask(asking('hello'))).rejects.toThrow('a thread of the test ended');
  });

  it('that could not begin is told of at the first question, however late', async () => {
    const thread = start('throw new Error("no such module");');
    await expect(thread.ask(asking('hello'))).rejects.toThrow('no such module');
    await expect(thread.ask(asking('hello'))).rejects.toThrow('no such module');
  });

  it('is not waited for by what cannot be sent to it', async () => {
    const thread = start();
    const question = (id: number) => ({ id, say: () => undefined }) as unknown as Message;
    await expect(thread.ask(question)).rejects.toThrow(/could not be cloned/);
    expect(thread.asked).toBe(0);
    await thread.stop();
  });
});
