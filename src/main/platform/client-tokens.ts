import { createHash, randomBytes } from 'node:crypto';

import type { ProcessLocks, TokenHolder, TokenHolders } from '../engine/ports';
import { writeFileAtomically } from './atomic-file';
import { createFileWatch } from './file-watch';
import { errorCode, readGuardedFile, systemReason } from './guarded-file';

/** A client that was given a token. */
export interface ClientToken extends TokenHolder {
  /** ISO 8601. */
  readonly createdAt: string;
}

/** What became of a change. `problem` says what is wrong and what to do. */
export type TokenChange<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'unusable'; readonly problem: string };

/** The tokens of the local HTTP address. Of each only the hash is kept. */
export interface ClientTokens {
  /** Makes one; the value is the token, which can be had this once. */
  add(name: string): Promise<TokenChange<string>>;
  list(): Promise<TokenChange<readonly ClientToken[]>>;
  /** From now on the token opens nothing; a running router notices by itself. */
  revoke(name: string): Promise<TokenChange<null>>;
  /** For a router that runs: follows the file. `onProblem` is told of what cannot be read. */
  follow(onProblem: (problem: string) => void): Promise<FollowedTokens>;
}

/** The holders of now, and an end of looking, which also comes when nobody wants to hear of changes any more. */
export interface FollowedTokens extends TokenHolders {
  close(): void;
}

/** What the tokens depend on. */
export interface ClientTokensParts {
  /** Null where the user has no home folder. */
  readonly path: string | null;
  readonly platform: NodeJS.Platform;
  readonly uid: number | null;
  readonly locks: ProcessLocks;
  readonly now: () => Date;
}

const TOKEN_BYTES = 32;
const MAX_TOKENS = 1000;
const MAX_FILE_BYTES = 512 * 1024;
const LOCK_LIMIT_MS = 5000;
const POLL_MS = 500;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9._-])?$/;
const HASH = /^[0-9a-f]{64}$/;
const NO_FOLDER = 'there is no home folder to keep tokens in';

/** Keeps them in one JSON file (0600), which every router of this user follows. */
export function createClientTokens(parts: ClientTokensParts): ClientTokens {
  return new TokenFile(parts);
}

class TokenFile implements ClientTokens {
  constructor(private readonly parts: ClientTokensParts) {}

  add(name: string): Promise<TokenChange<string>> {
    return this.change((tokens) => {
      if (!NAME.test(name)) {
        return 'a name has up to 64 letters, digits, spaces, and . _ - between them';
      }
      if (tokens.some((token) => token.name === name)) {
        return `"${name}" has a token already; revoke it first, or choose another name`;
      }
      if (tokens.length >= MAX_TOKENS) return `there are ${String(MAX_TOKENS)} tokens already`;
      const value = randomBytes(TOKEN_BYTES).toString('base64url');
      const tokenHash = createHash('sha256').update(value).digest('hex');
      const createdAt = this.parts.now().toISOString();
      return { tokens: [...tokens, { name, tokenHash, createdAt }], value };
    });
  }

  async list(): Promise<TokenChange<readonly ClientToken[]>> {
    const read = await this.read();
    return typeof read === 'string' ? { kind: 'unusable', problem: read } : { kind: 'done', value: read };
  }

  revoke(name: string): Promise<TokenChange<null>> {
    return this.change((tokens) => {
      const others = tokens.filter((token) => token.name !== name);
      return others.length === tokens.length
        ? `there is no token "${name}"`
        : { tokens: others, value: null };
    });
  }

  async follow(onProblem: (problem: string) => void): Promise<FollowedTokens> {
    const listeners = new Set<() => void>();
    let holders: readonly TokenHolder[] = [];
    // One after the other: what was read first must not come to count last.
    let turn: Promise<void> = Promise.resolve();
    const look = (): Promise<void> => (turn = turn.then(lookOnce));
    const lookOnce = async (): Promise<void> => {
      const read = await this.read();
      holders = typeof read === 'string' ? [] : read;
      if (typeof read === 'string') onProblem(read);
      for (const listener of listeners) listener();
    };
    const watch = createFileWatch({
      pollMs: POLL_MS,
      onChange: () => {
        void look();
      },
    });
    const { path } = this.parts;
    if (path !== null) await watch.follow([path]);
    await look();
    return {
      current: () => holders,
      onChange: (listener) => {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
          if (listeners.size === 0) watch.close();
        };
      },
      close: () => {
        watch.close();
      },
    };
  }

  private async change<Value>(
    decide: (
      tokens: readonly ClientToken[],
    ) => string | { readonly tokens: readonly ClientToken[]; readonly value: Value },
  ): Promise<TokenChange<Value>> {
    const { path, platform, locks } = this.parts;
    if (path === null) return { kind: 'unusable', problem: NO_FOLDER };
    return locks.exclusively('client-tokens', LOCK_LIMIT_MS, async () => {
      const read = await this.read();
      if (typeof read === 'string') return { kind: 'unusable', problem: read };
      const decision = decide(read);
      if (typeof decision === 'string') return { kind: 'refused', problem: decision };
      const text = `${JSON.stringify({ version: 1, tokens: decision.tokens }, null, 2)}\n`;
      try {
        await writeFileAtomically(path, text, platform);
      } catch (error) {
        if (errorCode(error) === '') throw error;
        return { kind: 'unusable', problem: `${path}: ${systemReason(error)}` };
      }
      return { kind: 'done', value: decision.value };
    });
  }

  /** The tokens, or why they cannot be used: nobody is let in by a file that somebody else may have written. */
  private async read(): Promise<readonly ClientToken[] | string> {
    const { path, platform, uid } = this.parts;
    if (path === null) return NO_FOLDER;
    const rules = { rule: 'private', maxBytes: MAX_FILE_BYTES, platform, who: { uid } } as const;
    const read = await readGuardedFile(path, rules);
    switch (read.kind) {
      case 'missing':
        return [];
      case 'refused':
        return `${path} is not used: ${read.problem}`;
      case 'unreadable':
        return `${path} cannot be read: ${read.reason}`;
      case 'read':
        return tokensOf(read.bytes.toString()) ?? `${path} is damaged; delete it, and make new tokens`;
    }
  }
}

function tokensOf(text: string): readonly ClientToken[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Damaged; JSON.parse throws nothing but SyntaxError.
    return null;
  }
  const list = typeof value === 'object' && value !== null && 'tokens' in value ? value.tokens : null;
  if (!Array.isArray(list)) return null;
  const tokens = list.map((entry: unknown) => tokenOf(entry));
  return tokens.every((token) => token !== null) ? tokens : null;
}

function tokenOf(entry: unknown): ClientToken | null {
  if (typeof entry !== 'object' || entry === null) return null;
  if (!('name' in entry) || !('tokenHash' in entry) || !('createdAt' in entry)) return null;
  const { name, tokenHash, createdAt } = entry;
  if (typeof name !== 'string' || typeof tokenHash !== 'string' || typeof createdAt !== 'string') return null;
  return HASH.test(tokenHash) ? { name, tokenHash, createdAt } : null;
}
