import { describe, expect, it } from 'vitest';
import { eventLines, isProblem } from '../../src/renderer/event-line';
import { headlineOf, hostOf } from '../../src/renderer/headline';
import { durationWords, secondsUntil } from '../../src/renderer/time-words';
import { SAMPLE_NOW, sampleSituations } from '../support/fake-desktop-router';
import { sampleEvents } from '../support/sample-events';

describe('durationWords', () => {
  it.each([
    [-5000, '0 s'],
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [3_660_000, '1 h 1 min'],
    [86_400_000, '1 day'],
    [200_000_000, '2 days'],
  ])('%d ms is %s', (durationMs, words) => {
    expect(durationWords(durationMs)).toBe(words);
  });
});

describe('secondsUntil', () => {
  it('counts down and stops at zero', () => {
    expect(secondsUntil(10_001, 0)).toBe(11);
    expect(secondsUntil(10_000, 9_999)).toBe(1);
    expect(secondsUntil(10_000, 10_000)).toBe(0);
    expect(secondsUntil(10_000, 99_000)).toBe(0);
  });
});

describe('headlineOf', () => {
  const waiting = sampleSituations.waiting;

  it('counts down to the next try', () => {
    expect(headlineOf(waiting, SAMPLE_NOW).text).toBe('Next try in 8 s (attempt 4)');
    expect(headlineOf(waiting, SAMPLE_NOW + 7500).text).toBe('Next try in 1 s (attempt 4)');
    expect(headlineOf(waiting, SAMPLE_NOW + 60_000).text).toBe('Trying again now (attempt 4)');
  });

  it('says since when it is connected', () => {
    expect(headlineOf(sampleSituations.connected, SAMPLE_NOW)).toEqual({
      title: 'Connected',
      text: 'gateway.example.com:8443, for 12 min',
    });
  });

  it('says the same word for the same state as the tray', () => {
    expect(headlineOf(sampleSituations.degraded, SAMPLE_NOW).title).toBe('Needs attention');
  });
});

describe('hostOf', () => {
  it('takes the host, or what there is', () => {
    expect(hostOf('wss://a.example:8443/mcp')).toBe('a.example:8443');
    expect(hostOf('nonsense')).toBe('nonsense');
    expect(hostOf(null)).toBe('');
  });
});

describe('eventLines', () => {
  it('has words for every event', () => {
    for (const { title } of eventLines(sampleEvents)) expect(title).toMatch(/^[A-Z].{5,}/);
  });

  it('calls a client by its name before and after it said it', () => {
    const titles = eventLines(sampleEvents).map(({ title }) => title);
    expect(titles).toContain('Claude Code was carried over to the new connection');
    expect(eventLines(sampleEvents.slice(10, 11))[0]?.title).toBe('A client attached');
  });

  it('knows problems', () => {
    const problems = eventLines(sampleEvents).filter(isProblem);
    expect(problems.map(({ title }) => title)).toContain('Claude Code hit a limit');
    expect(problems.map(({ title }) => title)).not.toContain('Switched on');
  });
});
