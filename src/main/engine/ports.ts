/** A running timer. */
export interface Timer {
  cancel(): void;
}

/** Time, so that tests can own it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls back once after `delayMs`; the timer does not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
}

/** Flat facts beside a log message; never a payload, a header or a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Structured log, one event per line. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Found, absent, locked-or-removed and unavailable are four different answers (design section 6). */
export type SecretLookup =
  | { readonly kind: 'found'; readonly value: string }
  /** It was never stored, or was deleted by us. */
  | { readonly kind: 'absent' }
  /** We stored it, yet the keychain gives nothing: it is locked, or somebody removed the entry. */
  | { readonly kind: 'locked-or-removed' }
  | { readonly kind: 'unavailable'; readonly reason: string };

export type SecretChange =
  | { readonly kind: 'done' }
  | { readonly kind: 'locked'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** What is known about a stored secret without reading it. */
export interface StoredSecret {
  readonly name: string;
  /** ISO 8601. */
  readonly storedAt: string;
  /** ISO 8601; from then on it is to be deleted. */
  readonly expiresAt?: string;
}

/** The operating system's keychain. Every call ends within a time limit of its own. */
export interface SecretStore {
  read(name: string): Promise<SecretLookup>;
  /** Like `read`, but past what is kept in memory: another process may have written it. */
  readAnew(name: string): Promise<SecretLookup>;
  /** @param expiresAt ISO 8601, remembered in our index: whoever looks after that deletes it */
  write(name: string, value: string, expiresAt?: string): Promise<SecretChange>;
  delete(name: string): Promise<SecretChange>;
  /** From our own index; works while the keychain is locked. */
  list(): Promise<readonly StoredSecret[]>;
}

export type CredentialFileLookup =
  | { readonly kind: 'found'; readonly value: string }
  | { readonly kind: 'missing'; readonly path: string }
  /** Mode, owner, folder, type or size make it unsafe. `problem` says what and what to run. */
  | { readonly kind: 'refused'; readonly path: string; readonly problem: string }
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string };

/** The same for a file of bytes. */
export type CredentialBytesLookup =
  { readonly kind: 'found'; readonly bytes: Buffer } | Exclude<CredentialFileLookup, { kind: 'found' }>;

/** Files that hold a credential (0600, own user or root) or a certificate. `~` is expanded. */
export interface CredentialFiles {
  readCredential(path: string): Promise<CredentialFileLookup>;
  /** PEM text; the mode is not checked because certificates are public. */
  readCertificates(path: string): Promise<CredentialFileLookup>;
  /** A PKCS#12 bundle; as it holds a key, it must be as safe as a credential. */
  readPkcs12(path: string): Promise<CredentialBytesLookup>;
  /** Replaces a file whole or not at all, 0600; behind a link its target. */
  replaceCredential(path: string, text: string): Promise<CredentialFileChange>;
  /** The same for a certificate: permission bits for reading stay as they are. */
  replaceCertificates(path: string, text: string): Promise<CredentialFileChange>;
  /** One that is not there is removed already. */
  removeCredential(path: string): Promise<CredentialFileChange>;
  /** Removes what processes left of it that were killed while they wrote it; what cannot be removed stays. */
  removeUnfinished(path: string): Promise<void>;
}

export type CredentialFileChange =
  { readonly kind: 'done' } | { readonly kind: 'failed'; readonly path: string; readonly reason: string };

/** What became of a command. Nothing that it wrote is in here but the output that was asked for. */
export type CommandOutcome =
  | { readonly kind: 'done'; readonly output: string }
  /** There is no such program, or it may not be run. */
  | { readonly kind: 'not-startable'; readonly reason: string }
  | { readonly kind: 'failed'; readonly exitCode: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'too-much-output' };

/** Programs of the user that give a secret. Run without a shell; what they print is never logged. */
export interface Commands {
  run(
    argv: readonly string[],
    limits: { readonly timeoutMs: number; readonly maxOutputBytes: number },
  ): Promise<CommandOutcome>;
}

/** The process environment, for names that the configuration refers to. */
export interface Environment {
  variable(name: string): string | undefined;
}

/** Remembers values that no log line may show, for as long as the process lives. */
export interface SecretMask {
  add(value: string): void;
  /** The text without them, in whatever form they stand there: for what is cut before it is logged. */
  hide(text: string): string;
}

/** Keeps the processes of one user apart. */
export interface ProcessLocks {
  /**
   * Runs `work` while no other process runs its own under the same name; a lock of a process that died is taken over.
   *
   * @param limitMs how long to wait for the others
   * @throws RouterError token-lock-unavailable
   */
  exclusively<Value>(name: string, limitMs: number, work: () => Promise<Value>): Promise<Value>;
}

/** Whether a step on the disk was done; when not, nothing of it was. */
export type AuditStep = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly reason: string };

/** What was found at the end of a slot. */
export interface AuditRemains {
  /** The last whole lines, oldest first; a bounded number of bytes. */
  readonly lines: readonly string[];
  /** Length of what stood behind the last whole line, and was taken off. */
  readonly tornBytes: number;
  /** The text of the head file; null when there is none. */
  readonly head: string | null;
}

/** An older file of a slot. */
export interface AuditArchive {
  readonly name: string;
  /** Null when it holds no whole line. */
  readonly lastLine: string | null;
}

/** Files of the audit trail that no other process writes. */
export interface AuditSlot {
  readonly path: string;
  readonly remains: AuditRemains;
  /** Bytes in the current file. */
  readonly size: number;
  /** Writes whole lines, each with its end, behind what is there. */
  append(lines: string): Promise<AuditStep>;
  /** What was appended survives a power failure from now on. */
  sync(): Promise<AuditStep>;
  /** Replaces the head file, whole and durable. */
  writeHead(text: string): Promise<AuditStep>;
  /** Puts the current file aside and begins an empty one. */
  rotate(): Promise<AuditStep>;
  /** The oldest of the files that were put aside, above the newest `keep`. */
  surplus(keep: number): Promise<readonly AuditArchive[]>;
  remove(names: readonly string[]): Promise<AuditStep>;
  /** Lets other processes have the slot. */
  close(): Promise<void>;
}

export type AuditSlotTaking =
  | { readonly kind: 'opened'; readonly slot: AuditSlot }
  | { readonly kind: 'failed'; readonly reason: string };

/** Where audit records go. */
export interface AuditSink {
  /** The text with every remembered secret masked, in whatever form it stands there. */
  masked(text: string): string;
  /**
   * Takes a slot that no other process has.
   *
   * @param output `logging.audit.output`; undefined: the default of this machine
   */
  open(output: string | undefined): Promise<AuditSlotTaking>;
}

/** Everything the engine needs from outside. */
export interface EnginePorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secrets: SecretStore;
  /** For `gateway.auth.token_storage: memory`; gone when the process ends. */
  readonly memory: SecretStore;
  readonly files: CredentialFiles;
  readonly commands: Commands;
  readonly environment: Environment;
  readonly mask: SecretMask;
  readonly audit: AuditSink;
  readonly locks: ProcessLocks;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
}

/** A program of this user that was given a token for the local HTTP address. */
export interface TokenHolder {
  /** What the person calls it. */
  readonly name: string;
  /** SHA-256 of the token, in hexadecimal; the token itself is kept nowhere. */
  readonly tokenHash: string;
}

/** Who may come in over HTTP. What cannot be read lets nobody in. */
export interface TokenHolders {
  /** As they are now. */
  current(): readonly TokenHolder[];
  /** Calls back when they have changed; the result ends that. */
  onChange(listener: () => void): () => void;
}
