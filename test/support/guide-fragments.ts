import { readFileSync } from 'node:fs';

/** YAML of the guide that is not the router's configuration, by its heading. */
const OF_OTHERS: ReadonlySet<string> = new Set(['Container Security, Kubernetes']);
/** Where the guide goes on in the same block with the unit file of a service. */
const UNIT_FILE = /\n(#[^\n]*\n)?\[Service\][^]*$/;
const BLOCK = /^## (.+)\n\n```yaml\n([^]*?)^```$/gm;
const ADDRESS = '  url: wss://gateway.example.com:8443/\n';

/** Every fragment of the configuration in the security guide, by its heading. */
export function guideFragments(): ReadonlyMap<string, string> {
  const page = readFileSync('test/support/security-guide-blocks.md', 'utf8');
  const blocks = [...page.matchAll(BLOCK)].map(
    ([, heading = '', text = '']) => [heading, text.replace(UNIT_FILE, '\n')] as const,
  );
  return new Map(blocks.filter(([heading]) => !OF_OTHERS.has(heading)));
}

/** The fragment over the smallest configuration: its `gateway` section gets the address. */
export function overMinimal(fragment: string): string {
  return /^gateway:\n/m.test(fragment)
    ? fragment.replace(/^gateway:\n/m, `gateway:\n${ADDRESS}`)
    : `gateway:\n${ADDRESS}${fragment}`;
}
