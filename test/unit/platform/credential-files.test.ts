import { execFile } from 'node:child_process';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { createCredentialFiles } from '../../../src/main/platform/credential-files';
import type { CredentialFiles } from '../../../src/main/engine/ports';
import { createAuthority } from '../../support/certificates';
import { ownUid, useTemporaryHome } from './temporary-home';
import { containing } from './text-matchers';

const CERTIFICATE = createAuthority('Test').certificatePem;

describe.skipIf(process.platform === 'win32')('readCredential', () => {
  const home = useTemporaryHome();
  const remarks: string[] = [];
  const files = (
    options: { readonly env?: Record<string, string>; readonly uid?: number | null } = {},
  ): CredentialFiles => {
    remarks.length = 0;
    return createCredentialFiles({
      place: { platform: 'linux', env: options.env ?? {}, home: home.path() },
      uid: options.uid === undefined ? ownUid : options.uid,
      onRemark: (_, remark) => remarks.push(remark),
    });
  };

  it.each([0o600, 0o400])('reads a file of mode %o without its line end', async (mode) => {
    const path = await home.write('.mcp/token', 'sk-1\r\n\n', mode);
    expect(await files().readCredential(path)).toEqual({ kind: 'found', value: 'sk-1' });
    expect(await files().readCredential('~/.mcp/token')).toEqual({ kind: 'found', value: 'sk-1' });
    expect(remarks).toEqual([]);
  });

  it.each([0o644, 0o640, 0o660, 0o604, 0o601, 0o666])(
    'SEC-07 refuses mode %o and names the chmod',
    async (mode) => {
      const path = await home.write('.mcp/token', 'sk-1', mode);
      const answer = await files().readCredential(path);
      expect(answer).toEqual({
        kind: 'refused',
        path,
        problem: containing(`chmod 600 ${path}`),
      });
      expect(JSON.stringify(answer)).not.toContain('sk-1');
    },
  );

  it('names a path with spaces so that it can be pasted', async () => {
    const path = await home.write("my token's/t", 'x', 0o644);
    const answer = await files().readCredential(path);
    expect(JSON.stringify(answer)).toContain(JSON.stringify(`'${path.replace("'", "'\\''")}'`).slice(1, -1));
  });

  it.each([0o770, 0o702, 0o1777])('SEC-07 refuses a folder of mode %o', async (mode) => {
    const path = await home.write('.mcp/token', 'sk-1');
    await chmod(join(home.path(), '.mcp'), mode);
    expect(await files().readCredential(path)).toMatchObject({ kind: 'refused' });
  });

  it('remarks on a folder that others can look into', async () => {
    const path = await home.write('.mcp/token', 'sk-1');
    const folder = join(home.path(), '.mcp');
    await chmod(folder, 0o755);
    expect(await files().readCredential(path)).toMatchObject({ kind: 'found' });
    expect(remarks).toEqual([containing(`chmod 700 ${folder}`)]);
  });

  it('follows a link to a good file, and refuses one to a bad file', async () => {
    const good = await home.write('a/token', 'sk-1');
    const bad = await home.write('b/token', 'sk-1', 0o644);
    await symlink(good, join(home.path(), 'good'));
    await symlink(bad, join(home.path(), 'bad'));
    await symlink('loop', join(home.path(), 'loop'));
    expect(await files().readCredential('~/good')).toMatchObject({ kind: 'found' });
    expect(await files().readCredential('~/bad')).toMatchObject({ kind: 'refused' });
    expect(await files().readCredential('~/loop')).toMatchObject({
      kind: 'unreadable',
      reason: containing('circle'),
    });
  });

  it('does not wait for a pipe, and refuses folders, empty and large files', async () => {
    const pipe = join(home.path(), 'pipe');
    await promisify(execFile)('mkfifo', ['-m', '600', pipe]);
    await mkdir(join(home.path(), 'folder'), { mode: 0o700 });
    const large = await home.write('large', 'x'.repeat(64 * 1024 + 1));
    const fits = await home.write('fits', 'x'.repeat(64 * 1024));
    const empty = await home.write('empty', '\n \n');
    const binary = await home.write('binary', Buffer.from([0xff, 0xfe, 0x41]));
    const problemOf = async (path: string): Promise<unknown> => {
      const answer = await files().readCredential(path);
      return answer.kind === 'refused' ? answer.problem : answer.kind;
    };
    expect(await problemOf(pipe)).toBe('it is not a regular file');
    expect(await problemOf(join(home.path(), 'folder'))).toBe('it is a folder');
    expect(await problemOf(large)).toContain('larger than 64 KiB');
    expect(await problemOf(fits)).toBe('found');
    expect(await problemOf(empty)).toContain('empty');
    expect(await problemOf(binary)).toContain('not a text file');
  });

  it('says missing, and says so about a tilde without a home folder', async () => {
    expect(await files().readCredential('~/none')).toEqual({
      kind: 'missing',
      path: join(home.path(), 'none'),
    });
    const homeless = createCredentialFiles({
      place: { platform: 'linux', env: {}, home: undefined },
      uid: ownUid,
    });
    expect(await homeless.readCredential('~/none')).toMatchObject({
      kind: 'refused',
      problem: containing('no home folder'),
    });
  });

  it('takes what systemd hands over in $CREDENTIALS_DIRECTORY, and nothing beside it', async () => {
    const inside = await home.write('credentials/token', 'sk-1', 0o440);
    const outside = await home.write('credentials-not/token', 'sk-1', 0o440);
    const env = { CREDENTIALS_DIRECTORY: join(home.path(), 'credentials') };
    expect(await files({ env }).readCredential(inside)).toMatchObject({ kind: 'found' });
    expect(await files({ env }).readCredential(outside)).toMatchObject({ kind: 'refused' });
    expect(
      await files({ env }).readCredential(join(home.path(), 'credentials/../credentials-not/token')),
    ).toMatchObject({
      kind: 'refused',
    });
    await symlink(outside, join(home.path(), 'credentials', 'link'));
    expect(await files({ env }).readCredential(join(home.path(), 'credentials', 'link'))).toMatchObject({
      kind: 'refused',
    });
    expect(await files().readCredential(inside)).toMatchObject({ kind: 'refused' });
  });

  it('does not look at modes on Windows, where they do not exist', async () => {
    const path = await home.write('.mcp/token', 'sk-1', 0o644);
    expect(await files({ uid: null }).readCredential(path)).toMatchObject({ kind: 'found' });
  });
});

describe.skipIf(process.platform === 'win32')('readCertificates', () => {
  const home = useTemporaryHome();
  const read = (path: string): ReturnType<CredentialFiles['readCertificates']> =>
    createCredentialFiles({
      place: { platform: 'linux', env: {}, home: home.path() },
      uid: ownUid,
    }).readCertificates(path);

  it('reads PEM text of any mode', async () => {
    const path = await home.write('ca.pem', CERTIFICATE, 0o644);
    expect(await read(path)).toEqual({ kind: 'found', value: CERTIFICATE });
    expect(await read('~/ca.pem')).toMatchObject({ kind: 'found' });
  });

  it.each([
    ['', 'holds no certificate'],
    ['not pem', 'holds no certificate'],
    ['-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'private key'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'certificate 1 in it is damaged'],
    ['GOOD-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'certificate 2 in it is damaged'],
  ])('refuses %j', async (text, expected) => {
    const path = await home.write('ca.pem', text.replace('GOOD', CERTIFICATE));
    expect(await read(path)).toMatchObject({
      kind: 'refused',
      problem: containing(expected),
    });
  });

  it('says missing', async () => {
    expect(await read('~/none.pem')).toMatchObject({ kind: 'missing' });
  });
});
