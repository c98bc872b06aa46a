import { describe, expect, it } from 'vitest';

import { scanMessage, type RequestMessage } from '../../../src/main/engine/jsonrpc/scan';
import { ServerQuestions } from '../../../src/main/engine/router/server-questions';
import { requestLine } from '../../support/router-bench';

function question(id: number | string, params = '{}'): RequestMessage {
  const scanned = scanMessage(requestLine(id, 'm', params));
  if (scanned.kind !== 'message' || scanned.message.kind !== 'request') throw new Error('not a request');
  return scanned.message;
}

const lane = { number: 1 };
const otherLane = { number: 2 };

describe('ServerQuestions', () => {
  it('tells servers at different connections apart, which count alike', () => {
    const questions = new ServerQuestions();
    const [first, second] = [questions.ask(question(0), lane), questions.ask(question(0), otherLane)];
    expect(second.clientKey).not.toBe(first.clientKey);
    expect(questions.withdraw('n0', otherLane)).toBe(second);
    expect([questions.isAsking(lane), questions.isAsking(otherLane)]).toEqual([true, false]);
    const third = questions.ask(question(0), otherLane);
    questions.forget(lane);
    expect(questions.answer(first.clientKey)).toBe('gone');
    expect(questions.answer(third.clientKey)).toBe(third);
  });

  it('knows who asked for progress, the last one of several', () => {
    const questions = new ServerQuestions();
    const asking = (id: number): RequestMessage => question(id, '{"_meta":{"progressToken":7}}');
    questions.ask(asking(0), lane);
    const second = questions.ask(asking(1), otherLane);
    expect(questions.laneOf('n7')).toBe(otherLane);
    questions.answer(second.clientKey);
    expect([questions.laneOf('n7'), questions.laneOf('n8')]).toEqual([lane, undefined]);
  });

  it('keeps the id as it is, and takes each answer once', () => {
    const questions = new ServerQuestions();
    const asked = questions.ask(question('q1'), lane);
    expect([asked.clientId.toString(), asked.serverId.toString()]).toEqual(['"q1"', '"q1"']);
    expect(questions.size).toBe(1);
    expect(questions.answer('sq1')).toBe(asked);
    expect(questions.answer('sq1')).toBeUndefined();
    expect(questions.answer('nobody asked')).toBeUndefined();
    expect(questions.size).toBe(0);
  });

  it('gives a question another id while an answer to an earlier one with its id may come', () => {
    const questions = new ServerQuestions();
    questions.ask(question(0), lane);
    questions.forget(lane);
    expect(questions.size).toBe(0);
    const second = questions.ask(question(0), lane);
    expect(second.serverId.toString()).toBe('0');
    expect(second.clientId.toString()).toMatch(/^"mcp-router-[0-9a-f-]+-1"$/);
    expect(questions.answer('n0')).toBe('gone');
    expect(questions.answer(second.clientKey)).toBe(second);
    // The late answer has come: the id is free again.
    expect(questions.ask(question(0), lane).clientId.toString()).toBe('0');
  });

  it('tells two questions of one connection apart that bear the same id', () => {
    const questions = new ServerQuestions();
    const first = questions.ask(question(0), lane);
    const second = questions.ask(question(0), lane);
    expect(second.clientKey).not.toBe(first.clientKey);
    expect(questions.answer(first.clientKey)).toBe(first);
    expect(questions.answer(second.clientKey)).toBe(second);
  });

  it('forgets what the server withdraws; a late answer reaches nobody', () => {
    const questions = new ServerQuestions();
    const asked = questions.ask(question(0), lane);
    expect(questions.withdraw('n0', lane)).toBe(asked);
    expect(questions.withdraw('n0', lane)).toBeUndefined();
    expect(questions.size).toBe(0);
    expect(questions.answer('n0')).toBe('gone');
  });

  it('remembers a bounded number of answers that are missing', () => {
    const questions = new ServerQuestions();
    for (let id = 0; id <= 1000; id += 1) questions.ask(question(id), lane);
    questions.forget(lane);
    expect(questions.answer('n0')).toBeUndefined();
    expect(questions.answer('n1')).toBe('gone');
    expect(questions.answer('n1000')).toBe('gone');
  });
});
