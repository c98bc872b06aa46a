import { describe, expect, it } from 'vitest';

import { scanMessage, type RequestMessage } from '../../../src/main/engine/jsonrpc/scan';
import { ServerQuestions } from '../../../src/main/engine/router/server-questions';
import { requestLine } from '../../support/router-bench';

function question(id: number | string): RequestMessage {
  const scanned = scanMessage(requestLine(id));
  if (scanned.kind !== 'message' || scanned.message.kind !== 'request') throw new Error('not a request');
  return scanned.message;
}

describe('ServerQuestions', () => {
  it('keeps the id as it is, and takes each answer once', () => {
    const questions = new ServerQuestions();
    const asked = questions.ask(question('q1'));
    expect([asked.clientId.toString(), asked.serverId.toString()]).toEqual(['"q1"', '"q1"']);
    expect(questions.size).toBe(1);
    expect(questions.answer('sq1')).toBe(asked);
    expect(questions.answer('sq1')).toBeUndefined();
    expect(questions.answer('nobody asked')).toBeUndefined();
    expect(questions.size).toBe(0);
  });

  it('gives a question another id while an answer to an earlier one with its id may come', () => {
    const questions = new ServerQuestions();
    questions.ask(question(0));
    questions.forget();
    expect(questions.size).toBe(0);
    const second = questions.ask(question(0));
    expect(second.serverId.toString()).toBe('0');
    expect(second.clientId.toString()).toMatch(/^"mcp-router-[0-9a-f-]+-1"$/);
    expect(questions.answer('n0')).toBe('gone');
    expect(questions.answer(second.clientKey)).toBe(second);
    // The late answer has come: the id is free again.
    expect(questions.ask(question(0)).clientId.toString()).toBe('0');
  });

  it('tells two questions of one connection apart that bear the same id', () => {
    const questions = new ServerQuestions();
    const first = questions.ask(question(0));
    const second = questions.ask(question(0));
    expect(second.clientKey).not.toBe(first.clientKey);
    expect(questions.answer(first.clientKey)).toBe(first);
    expect(questions.answer(second.clientKey)).toBe(second);
  });

  it('forgets what the server withdraws; a late answer reaches nobody', () => {
    const questions = new ServerQuestions();
    const asked = questions.ask(question(0));
    expect(questions.withdraw('n0')).toBe(asked);
    expect(questions.withdraw('n0')).toBeUndefined();
    expect(questions.size).toBe(0);
    expect(questions.answer('n0')).toBe('gone');
  });

  it('remembers a bounded number of answers that are missing', () => {
    const questions = new ServerQuestions();
    for (let id = 0; id <= 1000; id += 1) questions.ask(question(id));
    questions.forget();
    expect(questions.answer('n0')).toBeUndefined();
    expect(questions.answer('n1')).toBe('gone');
    expect(questions.answer('n1000')).toBe('gone');
  });
});
