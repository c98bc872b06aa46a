import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packages, rooms } from '../../scripts/imports/import-table.mjs';
import { judgeImport, roomOf } from '../../scripts/imports/judge-import.mjs';
import { importsOf, readSource, sourceFiles } from './source-imports';

const files = sourceFiles('src');
const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()) });

describe('the import table over the sources', () => {
  it('finds the sources', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => importsOf(file, readSource(file))).length).toBeGreaterThan(files.length);
  });

  it.each(files)('%s keeps to it', (file) => {
    const problems = importsOf(file, readSource(file)).flatMap((one) => judgeImport(one) ?? []);
    expect(problems).toEqual([]);
  });

  // Lint cannot see this by itself: a suppression of everything silences the rule about suppressions too.
  it('and no other rule is suppressed without its name and a reason', () => {
    const described = /eslint-disable(?:-next-line|-line)?\s+[\w@/, -]+?\s--\s\S.{9,}/;
    const directives = [...files, ...sourceFiles('test')]
      .filter((file) => file !== 'test/contract/lint-rules.test.ts')
      .flatMap((file) => readSource(file).match(/(?:\/\/|\/\*)\s*eslint-disable[^\n]*/g) ?? []);
    expect(directives.filter((one) => !described.test(one) || one.includes('import-table'))).toEqual([]);
  });

  it('has a room for every file', () => {
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  it('has a row for every dependency of the product', () => {
    const { dependencies } = manifestSchema.parse(JSON.parse(readSource('package.json')));
    const named = new Set(packages.map(({ name }) => name));
    expect(Object.keys(dependencies).filter((name) => !named.has(name))).toEqual([]);
  });

  it('names importers that exist', () => {
    const importers = packages.flatMap(({ name, importers: places }) =>
      places.map((place) => ({ name, place })),
    );
    const dangling = importers.filter(({ place }) => !files.some((file) => file.startsWith(place)));
    expect(dangling).toEqual([]);
  });

  it('speaks of rooms that exist', () => {
    const names = new Set(rooms.map(({ name }) => name));
    expect(rooms.flatMap((room) => Object.keys(room.rooms)).filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('what the import table refuses', () => {
  const verdict = (file: string, source: string): string[] =>
    importsOf(file, source).flatMap((one) => judgeImport(one) ?? ['allowed']);

  it.each([
    ['src/main/engine/router/session.ts', `import { app } from 'electron';`, 'may not import electron'],
    ['src/main/engine/router/session.ts', `import type { App } from 'electron';`, 'may not import electron'],
    ['src/main/engine/auth/tls.ts', `import { readFile } from 'node:fs/promises';`, 'ports'],
    ['src/main/engine/auth/tls.ts', `export * from '../router/session';`, 'may not import engine/router'],
    [
      'src/main/engine/gateway/connection.ts',
      `import { open } from '../listeners/socket';`,
      'engine/listeners',
    ],
    ['src/main/engine/gateway/connection.ts', `import { WebSocket } from 'ws';`, 'transports/websocket'],
    ['src/main/engine/index.ts', `import { log } from '../platform/log';`, 'may not import platform'],
    ['src/main/platform/log.ts', `import { x } from '../engine/ports';`, 'only types from ports'],
    [
      'src/main/platform/log.ts',
      `import { x } from '../engine/router/session';`,
      'may not import engine/router',
    ],
    ['src/main/cli/index.ts', `const { app } = await import('electron');`, 'may not import electron'],
    ['src/main/cli/index.ts', `import { readConfig } from '../platform/load-config';`, 'compose.ts'],
    ['src/main/tray.ts', `import { Tray } from 'electron';`, 'import type'],
    ['src/main/tray.ts', `import { createEngine } from './engine/index';`, 'import type'],
    ['src/main/ipc/handlers.ts', `import { z } from 'zod';`, 'src/main/ipc/payloads'],
    [
      'src/preload/index.ts',
      `import { configSchema } from '../shared/model/config';`,
      'only types from config',
    ],
    ['src/preload/index.ts', `import fs from 'node:fs';`, 'may not import modules of Node'],
    ['src/renderer/app.tsx', `import { ipcRenderer } from 'electron';`, 'may not import electron'],
    ['src/renderer/app.tsx', `type S = import('../main/engine/index').Engine;`, 'may not import engine'],
    ['src/renderer/app.tsx', `import lodash from 'lodash';`, 'has no row'],
    ['src/shared/model/status.ts', `import { app } from '../../main/index';`, 'may not import main door'],
    ['src/main/window.ts', `import path from 'path';`, 'Write node:path'],
    ['src/main/window.ts', `const x = require(name);`, 'has no row'],
  ])('%s: %s', (file, source, reason) => {
    expect(verdict(file, source)).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    ['src/main/engine/gateway/transports/websocket.ts', `import { WebSocket } from 'ws';`],
    ['src/main/index.ts', `import { app } from 'electron';`],
    ['src/main/tray.ts', `import type { Tray } from 'electron';`],
    ['src/main/compose.ts', `import { createEngine } from './engine/index';`],
    ['src/renderer/app.tsx', `import type { RouterConfig } from '../shared/model/config';`],
  ])('but allows %s: %s', (file, source) => {
    expect(verdict(file, source)).toEqual(['allowed']);
  });
});
