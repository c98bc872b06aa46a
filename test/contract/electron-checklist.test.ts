import { FuseV1Options } from '@electron/fuses';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { readSource, sourceFiles } from './source-imports';

const sources = ['src/main', 'src/preload', 'src/renderer', 'src/shared'].flatMap(sourceFiles);
const withText = (pattern: RegExp): readonly string[] =>
  sources.filter((file) => pattern.test(readSource(file)));

describe('SEC-115 what Electron does for the app on the system', () => {
  it.each([
    ['opens a file with another program', /\.openPath\(/, ['compose/desktop-settings.ts', 'index.ts']],
    ['asks for a file to read', /\.showOpenDialog\(/, ['file-dialog.ts']],
    ['asks for a file to write', /\.showSaveDialog\(/, ['index.ts']],
    ['starts at login', /\.setLoginItemSettings\(/, ['login-item.ts']],
    ['sets the theme', /\.themeSource =/, ['preferences.ts']],
    ['makes a window', /new (?:\w+\.)?BrowserWindow\(/, ['window.ts']],
    ['shows an address', /\.loadURL\(/, ['window.ts']],
    ['answers the page', /\.handle\(/, ['index.ts', 'ipc/register.ts']],
    ['makes a session', /\.fromPartition\(/, ['index.ts']],
  ])('%s in one place', (_what, pattern, files) => {
    expect(withText(pattern)).toEqual(files.map((file) => `src/main/${file}`));
  });

  it('is taken from Electron by the start of the app and by preload alone', () => {
    const values = /^import (?!type\b)[^;]*from 'electron'/m;
    expect(withText(values)).toEqual(['src/main/index.ts', 'src/preload/index.ts']);
    expect(readSource('src/preload/index.ts').match(/exposeInMainWorld\(/g)).toHaveLength(1);
    expect(readSource('src/preload/index.ts')).not.toMatch(/ipcRenderer\.(send|sendSync|postMessage)\b/);
  });
});

describe('SEC-113 what Electron advises against', () => {
  it.each([
    ['opening addresses with the shell of the system', /openExternal/],
    ['mixed content', /allowRunningInsecureContent/],
    ['experimental features', /experimentalFeatures|enableBlinkFeatures|disableBlinkFeatures/],
    ['switches of Chromium', /appendSwitch|appendArgument/],
    ['embedded pages', /<webview|allowpopups|webviewTag: true|BrowserView\b|WebContentsView/],
    ['a window with Node in it', /nodeIntegration\w*: true|contextIsolation: false|sandbox: false/],
    ['a weaker web', /webSecurity: false|bypassCSP: true|unsafe-(inline|eval)/],
    ['files as pages', /loadFile\(|allowFileAccess|file:\/\/\//],
    ['trusting any certificate', /setCertificateVerifyProc|'certificate-error'/],
    ['running code in a page', /executeJavaScript|insertCSS|dangerouslySetInnerHTML|\beval\(|new Function\(/],
    ['the remote module', /@electron\/remote/],
    ['developer tools by program', /openDevTools/],
    ['programs of the person that the page names', /setAsDefaultProtocolClient/],
  ])('stands nowhere: %s', (_what, pattern) => {
    expect(withText(pattern)).toEqual([]);
  });
});

describe('SEC-114 the fuses', () => {
  const chosen: Readonly<Record<keyof typeof FuseV1Options, boolean>> = {
    RunAsNode: false,
    EnableCookieEncryption: false,
    EnableNodeOptionsEnvironmentVariable: false,
    EnableNodeCliInspectArguments: false,
    EnableEmbeddedAsarIntegrityValidation: true,
    OnlyLoadAppFromAsar: true,
    LoadBrowserProcessSpecificV8Snapshot: false,
    GrantFileProtocolExtraPrivileges: false,
  };

  it('are each set on purpose, all of them', () => {
    const { electronFuses, asar } = z
      .object({ electronFuses: z.record(z.string(), z.boolean()), asar: z.literal(true) })
      .parse(parse(readSource('electron-builder.yml')));
    const expected = Object.entries(chosen).map(([name, isOn]) => [
      `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
      isOn,
    ]);
    expect(electronFuses).toEqual({ ...Object.fromEntries(expected), resetAdHocDarwinSignature: true });
    expect(asar).toBe(true);
    const known = Object.keys(FuseV1Options).filter((name) => !/^\d+$/.test(name));
    expect(Object.keys(chosen).sort()).toEqual(known.sort());
  });
});

describe('SEC-116 the Electron that is shipped', () => {
  it('is one exact release, the same in the lock file, which knows its content', () => {
    const declared = z
      .object({ devDependencies: z.object({ electron: z.string().regex(/^\d+\.\d+\.\d+$/) }) })
      .parse(JSON.parse(readSource('package.json'))).devDependencies.electron;
    const locked = z
      .object({
        packages: z.object({
          'node_modules/electron': z.object({
            version: z.string(),
            integrity: z.string().startsWith('sha512-'),
          }),
        }),
      })
      .parse(JSON.parse(readSource('package-lock.json'))).packages['node_modules/electron'];
    expect(locked.version).toBe(declared);
    expect(Number.parseInt(declared, 10)).toBeGreaterThanOrEqual(45);
  });
});
