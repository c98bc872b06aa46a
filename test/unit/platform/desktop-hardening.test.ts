import { chmodSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { desktopHardening } from '../../../src/main/compose/desktop-hardening';
import { postureReport } from '../../../src/main/compose/posture';
import { createMachine, type Machine, type MachineFacts } from '../../../src/main/platform/machine';
import { TemporaryHome } from '../../support/router-process';

const TEXT = 'gateway: { url: "ws://127.0.0.1:1", auth: { type: none } }\n';
let home: TemporaryHome;
let config: string;

beforeEach(() => {
  home = new TemporaryHome();
  config = home.write('router.yaml', TEXT);
});
afterEach(() => {
  home.remove();
});

function factsWith(variables: Readonly<Record<string, string>> = {}): MachineFacts {
  const env = { MCP_ROUTER_CONFIG: config, ...variables };
  const uid = process.getuid?.() ?? null;
  return { platform: process.platform, env, home: home.path, cwd: home.path, uid };
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;
const hardening = (machine: Pick<Machine, 'loadConfig'> = createMachine(factsWith())) =>
  desktopHardening(machine, factsWith());

describe.skipIf(process.platform === 'win32')('SEC-112 the access to the configuration file', () => {
  it('is shown as a command, and changed as it was shown', async () => {
    chmodSync(config, 0o644);
    const page = hardening();
    expect(await page.offerPrivacy()).toEqual({
      kind: 'offered',
      path: config,
      mode: '0644',
      command: `chmod 600 ${config}`,
    });
    expect(modeOf(config)).toBe(0o644);
    expect(await page.makePrivate()).toEqual({ ok: true });
    expect(modeOf(config)).toBe(0o600);
    expect(await page.offerPrivacy()).toEqual({ kind: 'not-needed' });
  });

  it('stays as it is where nothing was shown, or what was shown is used up', async () => {
    chmodSync(config, 0o644);
    const page = hardening();
    expect(await page.makePrivate()).toMatchObject({ ok: false });
    await page.offerPrivacy();
    await page.makePrivate();
    chmodSync(config, 0o640);
    expect(await page.makePrivate()).toMatchObject({ ok: false });
    expect(modeOf(config)).toBe(0o640);
  });

  it('of another file than the one that was shown stays as it is', async () => {
    const other = home.write('other.yaml', TEXT);
    chmodSync(config, 0o644);
    chmodSync(other, 0o644);
    let machine = createMachine(factsWith());
    const page = hardening({ loadConfig: () => machine.loadConfig() });
    await page.offerPrivacy();
    machine = createMachine(factsWith({ MCP_ROUTER_CONFIG: other }));
    expect(await page.makePrivate()).toMatchObject({
      ok: false,
      message: 'It is not the file that was shown. Nothing was changed; look again.',
    });
    expect([modeOf(config), modeOf(other)]).toEqual([0o644, 0o644]);
  });

  it('is quoted for a shell, and offers nothing where there is no valid file', async () => {
    const folder = join(home.path, 'router.yaml');
    const odd = join(home.path, "it's mine.yaml");
    symlinkSync(folder, odd);
    chmodSync(config, 0o644);
    const page = hardening(createMachine(factsWith({ MCP_ROUTER_CONFIG: odd })));
    expect(await page.offerPrivacy()).toMatchObject({ command: `chmod 600 '${odd.replace("'", "'\\''")}'` });
    home.write('router.yaml', 'gateway: 1\n');
    expect(await page.offerPrivacy()).toEqual({ kind: 'not-needed' });
  });

  it('is a point of the checklist', async () => {
    const point = async (): Promise<unknown> => {
      const asker = { uid: factsWith().uid, version: '1.2.3' };
      const report = await postureReport(createMachine(factsWith({ MCP_GATEWAY_AUTH_TYPE: 'none' })), asker);
      return report.kind === 'evaluated' ? report.points[0] : report;
    };
    chmodSync(config, 0o644);
    expect(await point()).toMatchObject({ verdict: 'warn', about: 'configuration file' });
    chmodSync(config, 0o600);
    expect(await point()).toMatchObject({ verdict: 'warn', about: 'gateway.auth.type' });
  });
});

describe('what detection watches for', () => {
  it('is what the configuration says, and on where it says nothing', async () => {
    const report = await hardening().detection();
    expect(report).toMatchObject({
      kind: 'configured',
      isOn: true,
      settings: { auth_failures: { threshold: 5 } },
    });
    home.write('router.yaml', `${TEXT}security: { detection: { enabled: false } }\n`);
    expect(await hardening().detection()).toMatchObject({ isOn: false });
    home.write('router.yaml', 'gateway: 1\n');
    expect(await hardening().detection()).toEqual({ kind: 'no-config' });
  });
});
