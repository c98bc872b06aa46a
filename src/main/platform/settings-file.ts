import { createHmac } from 'node:crypto';

import { replaceFile } from './atomic-file';
import { NEW_FILE, targetOf } from './config-edit';
import { readGuardedFile, systemReason } from './guarded-file';
import { decodedConfig, MAX_CONFIG_BYTES, type LoadOptions } from './load-config';

const PRIVATE = 0o600;
const MODE_BITS = 0o777;
const BYTE_ORDER_MARK = '\uFEFF';

/** The configuration file as it is right now. */
export type SettingsText =
  | {
      readonly kind: 'read';
      readonly text: string;
      /** False where there is none; `text` is then what a new one begins with. */
      readonly exists: boolean;
      readonly mode: number;
      readonly hasByteOrderMark: boolean;
      /** Another one for each content; keyed, so that it tells nothing about the content. */
      readonly revision: string;
    }
  | { readonly kind: 'refused'; readonly problem: string };

/** Where and as whom a configuration is read. */
export type SettingsPlace = Pick<LoadOptions, 'place' | 'uid'>;

/** Reads the file, checked like when it is loaded. */
export async function readSettingsText(path: string, at: SettingsPlace, key: Buffer): Promise<SettingsText> {
  const read = await readGuardedFile(path, {
    rule: 'trusted',
    maxBytes: MAX_CONFIG_BYTES,
    platform: at.place.platform,
    who: { uid: at.uid },
  });
  switch (read.kind) {
    case 'refused':
      return refused(`The configuration file ${path} is not used: ${read.problem}`);
    case 'unreadable':
      return refused(`The configuration file ${path} cannot be read: ${read.reason}`);
    case 'missing':
      return {
        kind: 'read',
        text: NEW_FILE,
        exists: false,
        mode: PRIVATE,
        hasByteOrderMark: false,
        revision: 'none',
      };
    case 'read':
      break;
  }
  const decoded = decodedConfig(read.bytes);
  if (decoded.kind === 'binary') return refused(decoded.message);
  return {
    kind: 'read',
    text: decoded.text,
    exists: true,
    mode: read.mode & MODE_BITS,
    hasByteOrderMark: read.bytes.subarray(0, 3).equals(Buffer.from(BYTE_ORDER_MARK)),
    revision: createHmac('sha256', key).update(read.bytes).digest('base64url'),
  };
}

/** What writing came to. */
export type SettingsWrite =
  | { readonly kind: 'written' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'refused'; readonly message: string };

/** Replaces the file whole, with its mode, unless it is another one by now. */
export async function writeSettingsText(
  path: string,
  { before, text }: { readonly before: Extract<SettingsText, { kind: 'read' }>; readonly text: string },
  at: SettingsPlace,
  key: Buffer,
): Promise<SettingsWrite> {
  try {
    const isWritten = await replaceFile(
      await targetOf(path),
      `${before.hasByteOrderMark ? BYTE_ORDER_MARK : ''}${text}`,
      {
        platform: at.place.platform,
        mode: before.mode,
        isStillWanted: async () => {
          const now = await readSettingsText(path, at, key);
          return now.kind === 'read' && now.revision === before.revision;
        },
      },
    );
    return { kind: isWritten ? 'written' : 'changed' };
  } catch (error) {
    return { kind: 'refused', message: `The file ${path} cannot be written: ${systemReason(error)}` };
  }
}

const refused = (problem: string): SettingsText => ({ kind: 'refused', problem });
