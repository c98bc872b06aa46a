import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { Metrics } from '../../src/main/engine/observe/metrics';
import { ownLabels } from '../../src/shared/model/metrics-endpoint';
import { statusAtRest } from '../../src/shared/model/status';

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z
        .array(
          z.object({ alert: z.string(), expr: z.string(), annotations: z.object({ summary: z.string() }) }),
        )
        .min(1),
    }),
  ),
});
const dashboardSchema = z.object({
  title: z.string(),
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).min(1) })),
});

const rules = rulesSchema.parse(parse(readFileSync('deploy/prometheus/mcp-router.rules.yaml', 'utf8')));
const dashboard = dashboardSchema.parse(JSON.parse(readFileSync('deploy/grafana/mcp-router.json', 'utf8')));
const metrics = new Metrics(() => statusAtRest(0));

/** The names that stand in samples. */
async function sampleNames(): Promise<ReadonlySet<string>> {
  const lines = (await metrics.text()).split('\n').filter((line) => /^[^#]/.test(line));
  return new Set(lines.map((line) => line.replace(/[{ ].*$/, '')));
}

const expressions = [
  ...rules.groups.flatMap(({ rules: alerts }) => alerts.map(({ expr }) => expr)),
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];

describe('what deploy/ ships', () => {
  it.each(expressions)('%s uses metrics and labels that exist', async (expression) => {
    const names = await sampleNames();
    const used = expression.match(/mcp_router_\w+/g) ?? [];
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !names.has(name))).toEqual([]);
    const labels = [...expression.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label);
    expect(labels.filter((label) => !ownLabels.has(label))).toEqual([]);
  });

  it.each(expressions)('%s names label values that exist', async (expression) => {
    const text = await metrics.text();
    for (const [pair] of expression.matchAll(/(?:limit|kind|state|direction)="[^"]+"/g)) {
      expect(text).toContain(pair);
    }
  });

  it('shows every metric on the dashboard', () => {
    const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
    expect(metrics.names.filter((name) => !shown.includes(name))).toEqual([]);
  });
});
