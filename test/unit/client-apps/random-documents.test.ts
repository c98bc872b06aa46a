import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';

import { editDocument, openDocument } from '../../../src/main/platform/client-apps/client-document';
import { jsonText, tomlText } from './random-documents';

const RUNS = { numRuns: 200 };
// A loaded machine needs more than the usual five seconds.
vi.setConfig({ testTimeout: 60_000 });
const entry = {
  type: 'stdio',
  command: 'C:\\Program Files\\node.exe',
  args: ['/a "b"/mcp-router.js', '--stdio'],
};
const other = { command: '/usr/bin/x', args: [], disabled: true };

type App = Parameters<typeof editDocument>[0];

/** The text after an edit; the test fails when there is none. */
function edit(app: App, text: string, value: typeof entry | typeof other | null): string {
  const result = editDocument(app, text, { name: 'gateway', entry: value });
  if (result.kind === 'refused') throw new Error(`${result.problem}\n${JSON.stringify(text)}`);
  return result.text;
}

const outline = (app: App, text: string): string => {
  const opened = openDocument(app, text);
  if (opened.kind === 'broken') throw new Error(opened.problem);
  return opened.document.outline('gateway');
};

/** Is `part` what is left of `whole` when characters are taken away? */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const character of part) {
    at = whole.indexOf(character, at) + character.length;
    if (at < character.length) return false;
  }
  return true;
}

describe('SEC-80 any JSON document', () => {
  const app: App = { format: 'json', rootKey: 'mcpServers' };

  it('gets the entry by insertion alone: nothing that is there is taken away or moved', () => {
    fc.assert(
      fc.property(jsonText('mcpServers'), (text) => {
        const after = edit(app, text, entry);
        expect(isWithin(text, after)).toBe(true);
        expect(outline(app, after)).toBe(outline(app, text));
      }),
      RUNS,
    );
  });

  it('loses it again with everything else left, and takes another one in its place', () => {
    fc.assert(
      fc.property(jsonText('mcpServers'), (text) => {
        const connected = edit(app, text, entry);
        const replaced = edit(app, connected, other);
        const removed = edit(app, replaced, null);
        expect(outline(app, removed)).toBe(outline(app, text));
        expect(edit(app, edit(app, removed, entry), null)).toBe(removed);
      }),
      RUNS,
    );
  });
});

describe('SEC-80 any TOML document', () => {
  const app: App = { format: 'toml', rootKey: 'mcp_servers' };
  const valid = tomlText.filter((text) => openDocument(app, text).kind === 'open');

  it('gets the entry at its end, behind every byte of the rest', () => {
    fc.assert(
      fc.property(valid, (text) => {
        const after = edit(app, text, entry);
        expect(after.startsWith(text)).toBe(true);
        const rest = parseToml(text.replace('\uFEFF', ''), { integersAsBigInt: 'asNeeded' });
        const whole = parseToml(after.replace('\uFEFF', ''), { integersAsBigInt: 'asNeeded' });
        const servers = z.record(z.string(), z.unknown()).parse(rest['mcp_servers'] ?? {});
        const wanted = { ...rest, mcp_servers: { ...servers, gateway: entry } };
        expect(isDeepStrictEqual(JSON.stringify(sorted(whole)), JSON.stringify(sorted(wanted)))).toBe(true);
      }),
      RUNS,
    );
  });

  it('loses it again byte for byte, and takes another one in its place', () => {
    fc.assert(
      fc.property(valid, (text) => {
        const connected = edit(app, text, entry);
        const replaced = edit(app, connected, other);
        expect(outline(app, edit(app, replaced, null))).toBe(outline(app, text));
        expect(edit(app, connected, null)).toBe(text);
      }),
      RUNS,
    );
  });
});

function sorted(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)]);
}
