import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createAdapters } from '../../../src/main/compose/adapters';
import { desktopIncident } from '../../../src/main/compose/desktop-incident';
import { incidentMachine } from '../../../src/main/compose/incident-machine';
import { processFacts } from '../../../src/main/platform/process-facts';
import { incidentParts, type IncidentPart } from '../../../src/shared/ipc/security-calls';
import { TemporaryHome } from '../../support/router-process';
import { containing } from './text-matchers';

const SECRET = 'canary-incident-secret-51d2a0';
let home: TemporaryHome;
let told: IncidentPart[];
let questions: string[];

beforeEach(() => {
  home = new TemporaryHome();
  told = [];
  questions = [];
  const token = home.write('token', SECRET);
  const log = home.write('router.log', `something with ${SECRET} in it\n`);
  home.write(
    'router.yaml',
    `gateway: { url: "ws://127.0.0.1:1", auth: { type: bearer, token_file: ${token} } }\nlogging: { output: ${log} }\nmetrics: { enabled: false }\n`,
  );
});
afterEach(() => {
  home.remove();
});

function exporter(chosen: string | null): ReturnType<typeof desktopIncident> {
  const env = { MCP_ROUTER_CONFIG: join(home.path, 'router.yaml') };
  const facts = { ...processFacts(process), env, home: home.path };
  return desktopIncident({
    incident: incidentMachine(createAdapters(facts), '1.2.3'),
    chooseSavePath: ({ name }) => {
      questions.push(name);
      return Promise.resolve(chosen);
    },
    announce: (part) => told.push(part),
    platform: process.platform,
    now: () => Date.UTC(2026, 2, 2, 9, 30, 5),
  });
}

describe('SEC-111 the facts of an incident, exported in the window', () => {
  it('go to the chosen file alone, private, without secrets, in place of what was there', async () => {
    const target = join(home.path, 'facts/incident.json');
    mkdirSync(dirname(target));
    writeFileSync(target, 'old', { mode: 0o644 });
    const result = await exporter(target)();
    expect(result).toMatchObject({ kind: 'written', path: target });
    if (result.kind !== 'written') return;
    expect(result.contents).toContain('the hardening checklist (mcp-router doctor)');
    expect(result.missing.join(' ')).toContain('the status of a running router');
    const text = readFileSync(target, 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      format: 'mcp-router-incident/1',
      posture: { kind: 'evaluated' },
    });
    expect(text).toContain('something with');
    expect(text).not.toContain(SECRET);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(target))).toEqual(['incident.json']);
    expect(questions).toEqual(['mcp-router-incident-2026-03-02T09-30-05.json']);
    expect(told).toEqual(incidentParts);
  });

  it('are not gathered where no file was chosen', async () => {
    expect(await exporter(null)()).toEqual({ kind: 'cancelled' });
    expect(told).toEqual([]);
  });

  it('are not written where that is impossible, and it is said why', async () => {
    const file = home.write('file', 'no folder');
    const result = await exporter(join(file, 'incident.json'))();
    expect(result.kind).toBe('failed');
    expect(result).toMatchObject({ message: containing('cannot be written') });
    expect(existsSync(join(file, 'incident.json'))).toBe(false);
  });

  it('are asked for once, however often the button is pressed', async () => {
    const begin = exporter(null);
    await Promise.all([begin(), begin()]);
    expect(questions).toHaveLength(1);
    await begin();
    expect(questions).toHaveLength(2);
  });
});
