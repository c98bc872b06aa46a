import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { RouterError } from '../../../shared/model/errors';
import type { EnginePorts } from '../ports';

import { canonical, type ChainPosition } from './audit-record';

/** The entry of the keychain that holds the key. */
export const ANCHOR_KEY_NAME = 'audit-anchor-key';
const KEY_BYTES = 32;
/** The keychain has limits of its own; another process may be asking at the same time. */
const LOCK_LIMIT_MS = 90_000;

/** The newest record that is sealed with a key from the keychain. */
export interface AuditHead extends ChainPosition {
  readonly time: string;
  /** HMAC-SHA-256 of the canonical form of everything else. */
  readonly mac: string;
}

/** Where the key is, or why there is none. */
export type AnchorKey =
  { readonly kind: 'found'; readonly key: string } | { readonly kind: 'none'; readonly reason: string };

/** The text of the head file for that position. */
export function sealedHead(position: ChainPosition, time: string, key: string): string {
  const { chain, seq, hash } = position;
  return `${canonical({ chain, seq, hash, time, mac: macOf({ chain, seq, hash, time }, key) })}\n`;
}

/** Null when the text is no head, or not as it was written. */
export function readHead(text: string): AuditHead | null {
  try {
    const value: unknown = JSON.parse(text);
    return isHead(value) && `${canonical(value)}\n` === text ? value : null;
  } catch {
    return null;
  }
}

/** True when the head was sealed with this key. */
export function isSealedBy(head: AuditHead, key: string): boolean {
  const { mac, ...rest } = head;
  const expected = Buffer.from(macOf(rest, key));
  const given = Buffer.from(mac);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function macOf(head: Omit<AuditHead, 'mac'>, key: string): string {
  const { chain, seq, hash, time } = head;
  return createHmac('sha256', Buffer.from(key, 'base64'))
    .update(canonical({ chain, seq, hash, time }), 'latin1')
    .digest('hex');
}

function isHead(value: unknown): value is AuditHead {
  if (typeof value !== 'object' || value === null) return false;
  const { chain, seq, hash, time, mac }: Partial<Record<keyof AuditHead, unknown>> = value;
  const hasTexts = [chain, hash, time, mac].every((text) => typeof text === 'string');
  return hasTexts && typeof seq === 'number' && Object.keys(value).length === 5;
}

type KeyPorts = Pick<EnginePorts, 'secrets' | 'locks' | 'mask'>;

/** The key from the keychain, made at its first use; there is no other place for it. */
export async function anchorKey(ports: KeyPorts): Promise<AnchorKey> {
  try {
    // Two processes that start together must not make two keys.
    return await ports.locks.exclusively(ANCHOR_KEY_NAME, LOCK_LIMIT_MS, () => foundOrMade(ports));
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return { kind: 'none', reason: error.message };
  }
}

async function foundOrMade({ secrets, mask }: KeyPorts): Promise<AnchorKey> {
  const found = await storedKey(secrets);
  if (found.kind === 'key') mask.add(found.key);
  if (found.kind === 'key') return { kind: 'found', key: found.key };
  if (found.kind === 'unusable') return { kind: 'none', reason: found.reason };
  const key = randomBytes(KEY_BYTES).toString('base64');
  mask.add(key);
  const written = await secrets.write(ANCHOR_KEY_NAME, key);
  if (written.kind !== 'done') return { kind: 'none', reason: written.reason };
  // A keychain that forgets would leave heads that nobody can check.
  const again = await storedKey(secrets);
  return again.kind === 'key' && again.key === key
    ? { kind: 'found', key }
    : { kind: 'none', reason: 'the keychain does not keep what is stored' };
}

/** The key as it is, without making one. */
export async function storedKey(
  secrets: Pick<EnginePorts['secrets'], 'readAnew'>,
): Promise<
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unusable'; readonly reason: string }
> {
  const lookup = await secrets.readAnew(ANCHOR_KEY_NAME);
  switch (lookup.kind) {
    case 'found':
      return { kind: 'key', key: lookup.value };
    case 'absent':
      return { kind: 'absent' };
    case 'locked-or-removed':
      return { kind: 'unusable', reason: 'the keychain is locked, or the key was removed from it' };
    case 'unavailable':
      return { kind: 'unusable', reason: lookup.reason };
  }
}
