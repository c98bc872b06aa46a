import { describe, expect, it } from 'vitest';

import { compare, isMet, measures } from '../bench/aims.mjs';
import { desktopSection } from '../bench/desktop-report.mjs';
import { fullPlan, SMALL } from '../bench/plan.mjs';
import {
  desktopHeading,
  keptHeading,
  performanceDocument,
  printedReport,
  withDesktopSection,
} from '../bench/report.mjs';
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

  it('measures the desktop app alone: its section is put in, replaced, and kept when the rest is written again', () => {
    const round = { startMs: 900, trayMs: 300, firstShare: 0.02, openShare: 0.012, closedShare: 0.002 };
    const bytes = { openBytes: 300 * 1024 ** 2, closedBytes: 200 * 1024 ** 2 };
    const rounds = [
      { ...round, ...bytes },
      { ...round, ...bytes, startMs: 1100 },
      { ...round, ...bytes, startMs: 1300 },
    ];
    const figures = { electron: '45.4.1', memoryKind: 'RSS', idleSeconds: 10, rounds } as const;
    const section = desktopSection(figures, '2026-01-02');
    expect(section).toMatch(/to a true window \| 1100 ms \| 900 ms to 1300 ms \| <= 1000 ms \| no \|/);
    expect(section).toContain(
      '| idle processor time, window closed | 0.20 % | 0.20 % to 0.20 % | <= 1 % | yes |',
    );
    expect(section).toMatch(/load average [\d.]+/);
    expect(section).toContain('counts for each of them');

    const facts = { plan: fullPlan, remarks: [], date: '2026-01-02' };
    const first = performanceDocument([], { ...facts, before: undefined });
    const measured = withDesktopSection(first, section);
    expect(measured.indexOf(desktopHeading)).toBeLessThan(measured.indexOf(keptHeading));
    expect(measured.replace(`${section}\n\n`, '')).toBe(first);
    const again = withDesktopSection(measured, `${desktopHeading}\n\nNew.\n`);
    expect(again).toContain(`${desktopHeading}\n\nNew.\n\n${keptHeading}`);
    expect(again).not.toContain('1100 ms');
    const rewritten = performanceDocument([], { ...facts, date: '2026-02-03', before: again });
    expect(rewritten).toContain(`${desktopHeading}\n\nNew.\n\n${keptHeading}`);
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
