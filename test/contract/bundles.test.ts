import { existsSync, readdirSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleExternals } from '../../scripts/imports/import-table.mjs';
import { checkout, importsOf, readSource } from './source-imports';

const filesOf = (folder: string): string[] =>
  readdirSync(join(checkout, 'out', folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(c|m)?js$/.test(name))
    .map((name) => `out/${folder}/${name.replaceAll('\\', '/')}`);

/** Bundlers rename `require`; what is left must be found under each of those names. */
const renamedRequire = /\b(?:__require|require\d*)\(\s*["'`]([^"'`]+)["'`]\s*\)/g;

const specifiersIn = (file: string, text: string): string[] => [
  ...new Set([
    ...importsOf(file, text).map(({ specifier }) => specifier),
    ...[...text.matchAll(renamedRequire)].map(([, specifier = '']) => specifier),
  ]),
];

const isOfNode = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier);

const packagesIn = (file: string, text: string): string[] =>
  specifiersIn(file, text).filter((specifier) => !isOfNode(specifier));

/** Zod names its classes in strings, which survive minifying. */
const foreignIn = (text: string): string[] => text.match(/\bZodType\b|["'`]node:[a-z_/]+["'`]/g) ?? [];

describe('the built bundles', () => {
  it('are there', () => {
    for (const file of ['main/index.js', 'preload/index.cjs', 'renderer/index.html', 'cli/mcp-router.js']) {
      expect(existsSync(join(checkout, 'out', file)), `out/${file}: run \`npm run build\``).toBe(true);
    }
  });

  it('main is one file', () => {
    expect(filesOf('main')).toHaveLength(1);
  });

  it.each(['main', 'cli'] as const)(
    '%s leaves only the listed packages outside',
    (name) => {
      for (const file of filesOf(name)) {
        const left = packagesIn(file, readSource(file)).filter((one) => !one.startsWith('.'));
        expect(
          left.filter((one) => !bundleExternals[name].some((allowed) => allowed === one)),
          file,
        ).toEqual([]);
      }
      // The parser takes seconds for a bundle, more on a busy machine.
    },
    60_000,
  );

  it('the command line attaches to a running router without loading engine, schema and keychain', () => {
    const loaded = new Set<string>();
    const load = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      const statically = /^import\b[^;]*?from\s*["'](\.[^"']+)["'];|^import\s*["'](\.[^"']+)["'];/gm;
      for (const [, named, bare] of readSource(file).matchAll(statically))
        load(join(dirname(file), named ?? bare ?? '').replaceAll('\\', '/'));
    };
    load('out/cli/mcp-router.js');
    const text = [...loaded].map(readSource).join('\n');
    expect(text).not.toMatch(/\bZodType\b|\bWebSocket\b|keytar/);
    expect(text.length).toBeLessThan(200_000);
  });

  it('preload is one CommonJS file that requires electron alone, without zod', () => {
    expect(readdirSync(join(checkout, 'out/preload'))).toEqual(['index.cjs']);
    const text = readSource('out/preload/index.cjs');
    expect(specifiersIn('out/preload/index.cjs', text)).toEqual([...bundleExternals.preload]);
    expect(/^\s*(import|export)\s/m.test(text)).toBe(false);
    expect(foreignIn(text)).toEqual([]);
  });

  it('renderer imports nothing from outside and carries neither zod nor Node', () => {
    const files = filesOf('renderer');
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = readSource(file);
      const outside = specifiersIn(file, text).filter((specifier) => !specifier.startsWith('.'));
      expect(outside, file).toEqual([]);
      expect(foreignIn(text), file).toEqual([]);
    }
  });

  it('the page loads no inline script and nothing from elsewhere', () => {
    const page = readSource('out/renderer/index.html');
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(page).not.toMatch(/\bon[a-z]+\s*=/);
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('the command line is an executable program', () => {
    const text = readSource('out/cli/mcp-router.js');
    expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(text.match(/^#!/gm)).toHaveLength(1);
    if (process.platform !== 'win32') {
      expect(statSync(join(checkout, 'out/cli/mcp-router.js')).mode & 0o111).toBe(0o111);
    }
  });
});

describe('the check of the bundles', () => {
  it.each([
    ["import { app } from 'electron';", ['electron']],
    ["const k = await import('keytar');", ['keytar']],
    ["var x = __require('bufferutil');", ['bufferutil']],
    ["const e = require('electron');", ['electron']],
    ["export { z } from 'zod';", ['zod']],
    ["import { dirname, join } from 'node:path'; import tls from 'tls';", []],
  ])('sees %s', (text, expected) => {
    expect(packagesIn('out/x.js', text)).toEqual(expected);
  });
});
