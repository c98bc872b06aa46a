import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { openUrl } from '../../src/main/platform/open-url';
import { TemporaryHome } from '../support/router-process';

let home: TemporaryHome;

/** A program of the system's name that notes what it was asked for. */
beforeEach(() => {
  home = new TemporaryHome();
  home.write(
    'xdg-open',
    `#!/bin/sh\nprintf '%s\\n' "$@" > '${noted()}.part' && mv '${noted()}.part' '${noted()}'\n`,
    0o700,
  );
  vi.stubEnv('PATH', `${home.path}:${process.env['PATH'] ?? ''}`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  home.remove();
});

const noted = (): string => join(home.path, 'noted');

it.skipIf(process.platform === 'win32')(
  'SEC-115 opens an address in the browser, as one argument',
  async () => {
    expect(await openUrl('https://idp.example.com/authorize?a=1&b=$(id)', 'linux')).toBe(true);
    await expect.poll(() => existsSync(noted())).toBe(true);
    expect(readFileSync(noted(), 'utf8')).toBe('https://idp.example.com/authorize?a=1&b=$(id)\n');
  },
);

it.each([
  'file:///etc/passwd',
  'javascript:alert(1)',
  'smb://host/share',
  'ms-msdt:/id',
  '/etc/passwd',
  '--help',
  '',
])('SEC-115 opens no %s', async (address) => {
  expect(await openUrl(address, 'linux')).toBe(false);
});
