import { execFile } from 'node:child_process';
import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';

import type { EarlierSecret } from '../../shared/model/gateway-look';
import { readGuardedFile } from './guarded-file';
import type { Keychain } from './keychain';
import { pathRules, userConfigFolder, type Place } from './paths';

/** The name under which the Go router keeps its entries, on macOS and Linux. */
const SERVICE = 'mcp-router-mcp-router';
const APP = 'mcp-router';
const MAX_BYTES = 1024 * 1024;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The key of its file is the same on every machine: it hides the tokens from nobody. */
const PBKDF2_ROUNDS = 10_000;
const KEY_BYTES = 32;

/** A secret of the Go router with its value, which goes into our keychain and nowhere else. */
export interface FoundSecret extends EarlierSecret {
  readonly value: string;
}

/** What the Go router stored under these names. On Windows its entries have a form that keytar cannot read. */
export async function earlierSecrets(
  names: readonly string[],
  machine: { readonly place: Place; readonly uid: number | null; readonly keychain: Keychain },
): Promise<readonly FoundSecret[]> {
  const inFile = await secretsOfFile(machine.place, machine.uid);
  const found: FoundSecret[] = [];
  for (const name of names) {
    const entry = await entryOf(name, machine);
    const value = entry ?? inFile?.values.get(name);
    if (value === undefined || value === '') continue;
    const place = entry === null ? (inFile?.path ?? '') : 'the keychain entry of the earlier router';
    found.push({ name, place, value });
  }
  return found;
}

/** On Linux with the program that the Go router stored it with; elsewhere by its name in the keychain. */
async function entryOf(
  name: string,
  { place, keychain }: { readonly place: Place; readonly keychain: Keychain },
): Promise<string | null> {
  const found = place.platform === 'linux' ? await secretToolLookup(name, place.env) : null;
  return found ?? keychain.readOfOther(SERVICE, name);
}

const LOOKUP_LIMIT_MS = 5000;

function secretToolLookup(name: string, env: Place['env']): Promise<string | null> {
  return new Promise((resolve) => {
    const words = ['lookup', 'service', SERVICE, 'account', name];
    execFile('secret-tool', words, { env: { ...env }, timeout: LOOKUP_LIMIT_MS }, (error, stdout) => {
      resolve(error === null && stdout !== '' ? stdout : null);
    });
  });
}

async function secretsOfFile(
  place: Place,
  uid: number | null,
): Promise<{ readonly path: string; readonly values: ReadonlyMap<string, string> } | null> {
  const folder = userConfigFolder(place);
  if (folder === undefined) return null;
  const path = pathRules(place.platform).join(folder, APP, APP, 'tokens.enc');
  const read = await readGuardedFile(path, {
    rule: 'private',
    maxBytes: MAX_BYTES,
    platform: place.platform,
    who: { uid },
  });
  if (read.kind !== 'read') return null;
  const values = tokensIn(read.bytes);
  return values === null ? null : { path, values };
}

/** Nonce, text and tag of AES-256-GCM over `{"tokens":{name:value}}`; null where it is something else. */
export function tokensIn(bytes: Buffer): ReadonlyMap<string, string> | null {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
  const salt = createHash('sha256').update(`mcp-router-salt-${APP}`).digest();
  const key = pbkdf2Sync(APP, salt, PBKDF2_ROUNDS, KEY_BYTES, 'sha256');
  const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
  cipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = Buffer.concat([cipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), cipher.final()]);
    const value: unknown = JSON.parse(text.toString('utf8'));
    if (typeof value !== 'object' || value === null || !('tokens' in value)) return null;
    const { tokens } = value;
    if (typeof tokens !== 'object' || tokens === null) return null;
    return new Map(
      Object.entries(tokens).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return null; // another key, or a damaged file
  }
}
