import { randomBytes } from 'node:crypto';

import type { KeychainHealth } from '../../shared/ipc/contract';
import type { SecretChange, SecretLookup, SecretStore } from '../engine/ports';
import { createKeychainTurn, type TurnResult } from './keychain-turn';
import { chunkAccounts, joinChunks, layOut, parseHeader } from './secret-chunks';
import type { SecretIndex } from './secret-index';

/** The name under which all entries of this program are found in the keychain. */
export const KEYCHAIN_SERVICE = 'mcp-router';

/** The part of keytar that is used. Never findPassword or findCredentials: the latter crashes on a locked keyring. */
export interface KeychainDriver {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/** What a keychain depends on. */
export interface KeychainOptions {
  readonly index: SecretIndex;
  readonly platform: NodeJS.Platform;
  readonly now: () => Date;
  /** Loads keytar unless a test brings its own. */
  readonly loadDriver?: () => Promise<KeychainDriver>;
  /** How long reading may take, a window that asks for the keyring's password included. Default 15,000. */
  readonly readLimitMs?: number;
  /** How long writing and deleting may take. Default 60,000, because a person waits for it. */
  readonly writeLimitMs?: number;
  /** Told when the index of names could not be written. */
  readonly onRemark?: (remark: string) => void;
}

/** The operating system's keychain, with what the window and a reload need. */
export interface Keychain extends SecretStore {
  /** Reads nothing that is not needed; see {@link KeychainHealth}. */
  health(): Promise<KeychainHealth>;
  /** Reads these entries anew, and says whether one of them differs from what was read before. */
  hasChanged(names: readonly string[]): Promise<boolean>;
  /** The entry of another program; null where it gives none. It is never kept, written or deleted here. */
  readOfOther(service: string, name: string): Promise<string | null>;
  /** Drops what is cached in memory, so that values changed by other programs are read anew. */
  forget(): void;
  /**
   * True while a call blocks a thread, as when the keyring waits for its password. `process.exit` then waits for it too,
   * so whoever must end at once has to end the process by a signal.
   */
  isBusy(): boolean;
}

/** Opens the keychain. keytar is loaded at the first call, so that a machine without libsecret can run without it. */
export function createKeychain(options: KeychainOptions): Keychain {
  return new OsKeychain(options);
}

async function loadKeytar(): Promise<KeychainDriver> {
  // A CommonJS module: its functions are on `default` under Node's own loader, beside it in a bundle.
  const module: KeychainDriver & { readonly default?: KeychainDriver } = await import('keytar');
  return module.default ?? module;
}

/** Written and removed again to learn whether the keychain takes changes. */
const PROBE = 'mcp-router-probe';

type Read =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'damaged' };

class OsKeychain implements Keychain {
  private readonly turn = createKeychainTurn();
  private readonly cache = new Map<string, string>();
  private readonly readLimitMs: number;
  private readonly writeLimitMs: number;
  private driver: KeychainDriver | null = null;
  /** Grows with each change, so that a late answer of an older reading is not kept. */
  private epoch = 0;
  /** What the last call showed; null before the first one and after a reload. */
  private known: KeychainHealth | null = null;

  constructor(private readonly options: KeychainOptions) {
    this.readLimitMs = options.readLimitMs ?? 15_000;
    this.writeLimitMs = options.writeLimitMs ?? 60_000;
  }

  async read(name: string): Promise<SecretLookup> {
    const cached = this.cache.get(name);
    if (cached !== undefined) return { kind: 'found', value: cached };
    const result = await this.turn.run(this.readLimitMs, () => this.readAndKeep(name));
    const answer = await this.lookup(name, result);
    const isDamaged = result.kind === 'value' && result.value.kind === 'damaged';
    this.known = isDamaged ? { kind: 'usable' } : healthAfter(answer, this.known);
    return answer;
  }

  readAnew(name: string): Promise<SecretLookup> {
    this.drop(name);
    return this.read(name);
  }

  async hasChanged(names: readonly string[]): Promise<boolean> {
    let isOther = false;
    for (const name of names) {
      const before = this.cache.get(name);
      const now = await this.readAnew(name);
      if (now.kind !== 'found' || now.value !== before) isOther = true;
    }
    return isOther;
  }

  async write(name: string, value: string, expiresAt?: string): Promise<SecretChange> {
    if (value === '') return unavailable('an empty value cannot be stored');
    this.drop(name);
    const layout = layOut(value, randomBytes(4).toString('hex'));
    if (layout.kind === 'too-long') return unavailable('the value is too long');
    const result = await this.turn.run(this.writeLimitMs, async () => {
      const driver = await this.load();
      const before = await driver.getPassword(KEYCHAIN_SERVICE, name);
      if (layout.kind === 'chunked') {
        // The main entry comes last: until then the old value is complete.
        for (const [at, account] of chunkAccounts(name, layout.header).entries()) {
          await driver.setPassword(KEYCHAIN_SERVICE, account, layout.chunks[at] ?? '');
        }
      }
      await driver.setPassword(KEYCHAIN_SERVICE, name, layout.entry);
      await this.removeChunks(driver, name, before);
    });
    if (result.kind !== 'value') return this.refusedChange(result);
    this.known = { kind: 'usable' };
    this.drop(name);
    await this.note(() => this.options.index.remember(name, this.today(), expiresAt));
    return { kind: 'done' };
  }

  async delete(name: string): Promise<SecretChange> {
    this.drop(name);
    const result = await this.turn.run(this.writeLimitMs, async () => {
      const driver = await this.load();
      const before = await driver.getPassword(KEYCHAIN_SERVICE, name);
      const isDeleted = await driver.deletePassword(KEYCHAIN_SERVICE, name);
      await this.removeChunks(driver, name, before);
      // A locked keyring says "nothing there" as well. Only one that takes changes can be believed.
      if (!isDeleted) await this.probe(driver);
    });
    if (result.kind !== 'value') return this.refusedChange(result);
    this.known = { kind: 'usable' };
    this.drop(name);
    await this.note(() => this.options.index.forget(name));
    return { kind: 'done' };
  }

  async readOfOther(service: string, name: string): Promise<string | null> {
    const result = await this.turn.run(this.readLimitMs, async () =>
      (await this.load()).getPassword(service, name),
    );
    return result.kind === 'value' ? result.value : null;
  }

  list(): ReturnType<SecretStore['list']> {
    return this.options.index.list();
  }

  forget(): void {
    this.epoch += 1;
    this.cache.clear();
    this.known = null;
  }

  isBusy(): boolean {
    return this.turn.isBusy();
  }

  async health(): Promise<KeychainHealth> {
    if (this.known === null) {
      const [stored] = await this.options.index.list();
      await this.read(stored?.name ?? PROBE);
    }
    return this.known ?? { kind: 'usable' };
  }

  private async readAndKeep(name: string): Promise<Read> {
    const { epoch } = this;
    const read = await this.readEntry(name);
    if (read.kind === 'value' && epoch === this.epoch) this.cache.set(name, read.value);
    return read;
  }

  private async readEntry(name: string): Promise<Read> {
    const driver = await this.load();
    const entry = await driver.getPassword(KEYCHAIN_SERVICE, name);
    if (entry === null) return { kind: 'nothing' };
    const header = parseHeader(entry);
    if (header === null) return { kind: 'value', value: entry };
    const chunks: string[] = [];
    for (const account of chunkAccounts(name, header)) {
      const chunk = await driver.getPassword(KEYCHAIN_SERVICE, account);
      if (chunk === null) return { kind: 'damaged' };
      chunks.push(chunk);
    }
    const value = joinChunks(chunks, header);
    return value === null ? { kind: 'damaged' } : { kind: 'value', value };
  }

  private async lookup(name: string, result: TurnResult<Read>): Promise<SecretLookup> {
    switch (result.kind) {
      case 'timed-out':
        // It asks for its password, or hangs; either way it gives nothing now.
        return { kind: 'locked-or-removed' };
      case 'failed':
        return isLockedError(result.error, this.options.platform)
          ? { kind: 'locked-or-removed' }
          : { kind: 'unavailable', reason: reasonOf(result.error) };
      case 'value':
        break;
    }
    const read = result.value;
    const isIndexed = await this.options.index.has(name);
    switch (read.kind) {
      case 'value':
        // Stored by another program, or the index was lost: from now on "locked" can be told from "absent".
        if (!isIndexed && name !== PROBE)
          await this.note(() => this.options.index.remember(name, this.today()));
        return { kind: 'found', value: read.value };
      case 'damaged':
        return { kind: 'unavailable', reason: `the entry "${name}" is damaged; store it again` };
      case 'nothing':
        return isIndexed ? { kind: 'locked-or-removed' } : { kind: 'absent' };
    }
  }

  /** The texts of a keyring's errors are translated, so its state is asked for instead of reading them. */
  private async refusedChange(
    result: Exclude<TurnResult<unknown>, { kind: 'value' }>,
  ): Promise<SecretChange> {
    if (result.kind === 'timed-out') return this.locked(`${LOCKED} It did not answer in time.`);
    if (result.error instanceof DriverMissing) return this.missing(result.error);
    const answers = await this.turn.run(this.readLimitMs, async () => {
      const driver = await this.load();
      await driver.getPassword(KEYCHAIN_SERVICE, PROBE);
    });
    const isThere = answers.kind === 'value' || isLockedError(result.error, this.options.platform);
    return isThere ? this.locked(`${LOCKED} (${reasonOf(result.error)})`) : this.missing(result.error);
  }

  private locked(reason: string): SecretChange {
    this.known = { kind: 'locked', detail: LOCKED };
    return { kind: 'locked', reason };
  }

  private missing(error: unknown): SecretChange {
    this.known = missingHealth(reasonOf(error));
    return unavailable(reasonOf(error));
  }

  private today(): string {
    return this.options.now().toISOString();
  }

  private async removeChunks(driver: KeychainDriver, name: string, entry: string | null): Promise<void> {
    const header = entry === null ? null : parseHeader(entry);
    if (header === null) return;
    for (const account of chunkAccounts(name, header)) {
      await driver.deletePassword(KEYCHAIN_SERVICE, account);
    }
  }

  private async probe(driver: KeychainDriver): Promise<void> {
    await driver.setPassword(KEYCHAIN_SERVICE, PROBE, 'probe');
    await driver.deletePassword(KEYCHAIN_SERVICE, PROBE);
  }

  private async load(): Promise<KeychainDriver> {
    if (this.driver !== null) return this.driver;
    try {
      this.driver = await (this.options.loadDriver ?? loadKeytar)();
    } catch (error) {
      throw new DriverMissing(error);
    }
    return this.driver;
  }

  private drop(name: string): void {
    this.epoch += 1;
    this.cache.delete(name);
  }

  /** The index only makes answers more precise; that it cannot be written must not undo what was done. */
  private async note(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      this.options.onRemark?.(`the index of stored secrets cannot be written: ${reasonOf(error)}`);
    }
  }
}

const LOCKED = 'The keychain is locked, or has no keyring yet: unlock it and try again.';

/** What an answer says about the keychain as a whole. */
function healthAfter(answer: SecretLookup, before: KeychainHealth | null): KeychainHealth {
  switch (answer.kind) {
    case 'found':
      return { kind: 'usable' };
    case 'locked-or-removed':
      return { kind: 'locked', detail: LOCKED };
    case 'unavailable':
      return missingHealth(answer.reason);
    case 'absent':
      // A locked keyring answers the same, so what a refused change has shown stays true.
      return before?.kind === 'locked' ? before : { kind: 'usable' };
  }
}

function missingHealth(reason: string): KeychainHealth {
  return {
    kind: 'unavailable',
    detail: `No keychain answers: ${reason}. Use token_env or token_file instead.`,
  };
}

class DriverMissing extends Error {
  override readonly name = 'DriverMissing';

  constructor(cause: unknown) {
    super('the keychain library cannot be loaded (on Linux it needs libsecret: apt install libsecret-1-0)', {
      cause,
    });
  }
}

/** macOS refuses with these words when the keychain is locked and no window may be shown, or the person said no. */
function isLockedError(error: unknown, platform: NodeJS.Platform): boolean {
  return platform === 'darwin' && /interaction is not allowed|cancel|denied/i.test(reasonOf(error));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}

function unavailable(reason: string): SecretChange {
  return { kind: 'unavailable', reason };
}
