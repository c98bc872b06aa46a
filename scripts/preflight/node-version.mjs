// @ts-check
// Imported before anything else, so that an old Node says why it stops instead of failing on what it does not know.
import { readFileSync } from 'node:fs';

/**
 * @param {string} version such as `20.19.0`
 * @param {string} range such as `>=20.19.0`
 * @returns {string | null} what to say to the user; null when the version will do
 */
export function nodeVersionProblem(version, range) {
  const minimum = range.replace(/^>=/, '');
  const wanted = minimum.split('.').map(Number);
  const found = version.replace(/^v/, '').split('.').map(Number);
  for (const [index, least] of wanted.entries()) {
    const part = found[index] ?? 0;
    if (part > least) return null;
    if (part < least) return `MCP Router needs Node ${minimum} or newer; this is ${version}.`;
  }
  return null;
}

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const problem = nodeVersionProblem(process.versions.node, manifest.engines.node);
if (problem !== null) {
  console.error(problem);
  process.exit(1);
}
