import { describe, expect, it } from 'vitest';

import {
  createKeychain,
  KEYCHAIN_SERVICE,
  type Keychain,
  type KeychainDriver,
  type KeychainOptions,
} from '../../../src/main/platform/keychain';
import { createSecretIndex } from '../../../src/main/platform/secret-index';
import { containing } from './text-matchers';

/** A keychain in memory; `ready` holds every call back until it resolves. */
class MemoryDriver implements KeychainDriver {
  readonly entries = new Map<string, string>();
  readonly calls: string[] = [];
  ready: Promise<void> = Promise.resolve();
  failure: Error | null = null;

  async getPassword(service: string, account: string): Promise<string | null> {
    await this.enter('get', service, account);
    return this.entries.get(account) ?? null;
  }

  async setPassword(service: string, account: string, password: string): Promise<void> {
    await this.enter('set', service, account);
    this.entries.set(account, password);
  }

  async deletePassword(service: string, account: string): Promise<boolean> {
    await this.enter('delete', service, account);
    return this.entries.delete(account);
  }

  private async enter(verb: string, service: string, account: string): Promise<void> {
    expect(service).toBe(KEYCHAIN_SERVICE);
    this.calls.push(`${verb} ${account}`);
    await this.ready;
    if (this.failure !== null) throw this.failure;
  }
}

function open(driver: KeychainDriver, options: Partial<KeychainOptions> = {}): Keychain {
  return createKeychain({
    index: createSecretIndex(null, 'linux'),
    platform: 'linux',
    now: () => new Date('2026-01-01T00:00:00Z'),
    loadDriver: () => Promise.resolve(driver),
    readLimitMs: 20,
    writeLimitMs: 20,
    ...options,
  });
}

describe('createKeychain', () => {
  it('reads a secret once and keeps it until it is changed or forgotten', async () => {
    const driver = new MemoryDriver();
    const keychain = open(driver);
    await keychain.write('gateway', 'one');
    driver.calls.length = 0;
    await keychain.read('gateway');
    await keychain.read('gateway');
    expect(driver.calls).toEqual(['get gateway']);
    driver.entries.set('gateway', 'two');
    expect(await keychain.read('gateway')).toEqual({ kind: 'found', value: 'one' });
    keychain.forget();
    expect(await keychain.read('gateway')).toEqual({ kind: 'found', value: 'two' });
    await keychain.write('gateway', 'three');
    expect(await keychain.read('gateway')).toEqual({ kind: 'found', value: 'three' });
    await keychain.delete('gateway');
    expect(await keychain.read('gateway')).toEqual({ kind: 'absent' });
  });

  it('loads the library at the first call, and says when that fails', async () => {
    let loads = 0;
    const keychain = open(new MemoryDriver(), {
      loadDriver: () => {
        loads += 1;
        return Promise.reject(new Error('libsecret-1.so.0: cannot open shared object file'));
      },
    });
    expect(loads).toBe(0);
    const missing = { kind: 'unavailable', reason: containing('libsecret') };
    expect(await keychain.read('gateway')).toEqual(missing);
    expect(await keychain.write('gateway', 'x')).toEqual(missing);
    expect(await keychain.delete('gateway')).toEqual(missing);
    expect(await keychain.health()).toMatchObject({ kind: 'unavailable' });
    expect(await keychain.list()).toEqual([]);
  });

  it('answers within its limit while the keychain asks a person, and takes the answer when it comes', async () => {
    const driver = new MemoryDriver();
    const keychain = open(driver);
    await keychain.write('gateway', 'one');
    keychain.forget();
    let unlock = (): void => undefined;
    driver.ready = new Promise((settle) => {
      unlock = settle;
    });
    expect(await keychain.read('gateway')).toEqual({ kind: 'locked-or-removed' });
    expect(await keychain.health()).toMatchObject({ kind: 'locked' });
    expect(await keychain.write('gateway', 'two')).toMatchObject({ kind: 'locked' });
    unlock();
    driver.ready = Promise.resolve();
    expect(await keychain.read('gateway')).toEqual({ kind: 'found', value: 'one' });
    expect(await keychain.health()).toEqual({ kind: 'usable' });
    expect(driver.entries.get('gateway')).toBe('one');
  });

  it('makes one call at a time, so that a blocked one does not use up the threads of the process', async () => {
    const driver = new MemoryDriver();
    const keychain = open(driver);
    driver.ready = new Promise(() => undefined);
    expect(keychain.isBusy()).toBe(false);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => keychain.read(name)));
    expect(driver.calls).toEqual(['get a']);
    expect(keychain.isBusy()).toBe(true);
  });

  it('knows an entry that another program stored, from then on', async () => {
    const driver = new MemoryDriver();
    const keychain = open(driver);
    driver.entries.set('theirs', 'x');
    expect(await keychain.read('theirs')).toMatchObject({ kind: 'found' });
    expect(await keychain.list()).toEqual([{ name: 'theirs', storedAt: '2026-01-01T00:00:00.000Z' }]);
    driver.entries.clear();
    keychain.forget();
    expect(await keychain.read('theirs')).toEqual({ kind: 'locked-or-removed' });
  });

  it('keeps the old value whole when replacing it with a long one fails half way', async () => {
    const driver = new MemoryDriver();
    const keychain = open(driver);
    await keychain.write('gateway', 'old'.repeat(1000));
    const set = driver.setPassword.bind(driver);
    driver.setPassword = async (service, account, password) => {
      if (account.endsWith('.1')) throw new Error('disk full');
      await set(service, account, password);
    };
    expect((await keychain.write('gateway', 'new'.repeat(1000))).kind).toBe('locked');
    expect(await keychain.read('gateway')).toEqual({ kind: 'found', value: 'old'.repeat(1000) });
  });

  it('says so when chunks of a long value are missing or changed', async () => {
    const driver = new MemoryDriver();
    const keychain = open(driver);
    await keychain.write('gateway', 'x'.repeat(5000));
    const chunk = [...driver.entries.keys()].find((account) => account.endsWith('.0')) ?? '';
    driver.entries.set(chunk, 'changed');
    keychain.forget();
    const damaged = { kind: 'unavailable', reason: containing('damaged') };
    expect(await keychain.read('gateway')).toEqual(damaged);
    driver.entries.delete(chunk);
    expect(await keychain.read('gateway')).toEqual(damaged);
    expect(await keychain.health()).toEqual({ kind: 'usable' });
    await keychain.delete('gateway');
    expect([...driver.entries.keys()].every((account) => account.includes('#'))).toBe(true);
  });

  it('takes a refusal on macOS for a lock', async () => {
    const driver = new MemoryDriver();
    driver.failure = new Error('User interaction is not allowed.');
    const keychain = open(driver, { platform: 'darwin' });
    expect(await keychain.read('gateway')).toEqual({ kind: 'locked-or-removed' });
    expect(await keychain.write('gateway', 'x')).toMatchObject({ kind: 'locked' });
  });

  it('stores what it was given even when the index cannot be written, and says so', async () => {
    const driver = new MemoryDriver();
    const remarks: string[] = [];
    const index = { ...createSecretIndex(null, 'linux'), remember: () => Promise.reject(new Error('EROFS')) };
    const keychain = open(driver, { index, onRemark: (remark) => remarks.push(remark) });
    expect(await keychain.write('gateway', 'one')).toEqual({ kind: 'done' });
    expect(remarks).toHaveLength(1);
    expect(driver.entries.get('gateway')).toBe('one');
  });

  it('refuses an empty value', async () => {
    expect(await open(new MemoryDriver()).write('gateway', '')).toMatchObject({ kind: 'unavailable' });
  });
});
