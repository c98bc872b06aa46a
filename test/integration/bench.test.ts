import { describe, expect, it } from 'vitest';

import { compare, isMet, measures } from '../bench/aims.mjs';
import { fullPlan, SMALL } from '../bench/plan.mjs';
import { keptHeading, performanceDocument, printedReport } from '../bench/report.mjs';
import { runRounds } from '../bench/rounds.mjs';

/** Figures are never judged here: a test must not depend on how fast a machine is. */
const tinyPlan = {
  ...fullPlan,
  rounds: 1,
  payloads: [SMALL],
  warmUpCalls: 0,
  warmUpMs: 0,
  sequentialMs: 20,
  throughputMs: 20,
  extraStarts: 1,
  withPeers: false,
};

describe('npm run bench', () => {
  it('measures the router and the bare pass-through on each wire, and writes down what it found', async () => {
    const { samples, remarks } = await runRounds(tinyPlan, () => undefined);
    const expected = measures([SMALL])
      .map(({ metric }) => metric)
      .filter((metric) => !metric.endsWith('-alone'))
      .filter((metric) => process.platform === 'linux' || !metric.startsWith('memory'));
    const found = compare(samples, [SMALL]);
    for (const wire of ['websocket', 'http']) {
      const lines = found.filter((line) => line.wire === wire);
      expect(lines.map(({ metric }) => metric)).toEqual(expected);
      for (const { metric, ratio } of lines) expect(ratio, metric).toBeGreaterThan(0);
    }
    expect(remarks).toEqual(['mcp-remote and supergateway were not measured: they were not asked for']);
    const report = printedReport(found, remarks);
    expect(report).toContain('local.rate_limit.enabled: true');
    expect(report).toMatch(
      /\| start to first reply +\| +\S+ ms \| +\S+ ms \| +\S+x \| <= 1.5 \| (yes|no) +\|/,
    );
  });

  it('keeps what people wrote about the profile when the document is written again', () => {
    const facts = { plan: fullPlan, remarks: [], date: '2026-01-02' };
    const first = performanceDocument([], { ...facts, before: undefined });
    expect(first).toContain('Nothing was written down yet.');
    const edited = first.replace('Nothing was written down yet.', 'The parser was slow.');
    const second = performanceDocument([], { ...facts, date: '2026-02-03', before: edited });
    expect(second.slice(second.indexOf(keptHeading))).toBe(edited.slice(edited.indexOf(keptHeading)));
    expect(second).toContain('on 2026-02-03');
    expect(second).not.toContain('Nothing was written down yet.');
  });

  it.each([
    ['<= 1.2', 1.2, true],
    ['<= 1.2', 1.21, false],
    ['>= 6', 6, true],
    ['>= 6', 5.9, false],
  ])('an aim of %s with a ratio of %d: %s', (aim, ratio, expected) => {
    expect(isMet(aim, ratio)).toBe(expected);
  });
});
