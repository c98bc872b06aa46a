import { parseArgs } from 'node:util';

/** Flags that every way of running understands; the Go router's flags keep their names. */
export interface RunFlags {
  readonly configPath: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | undefined;
  readonly isQuiet: boolean;
  /** Whether a client on stdio is served by the router that runs already. */
  readonly attach: 'if-running' | 'only' | 'never';
  /** How long requests of an attached client wait for a router. */
  readonly waitMs: number;
}

const OWN_READERS = [
  'config',
  'token',
  'sign-in',
  'sign-out',
  'clients',
  'audit',
  'doctor',
  'lockdown',
  'incident',
] as const;
type OwnReader = (typeof OWN_READERS)[number];

/** What the command line asks for. */
export type Command =
  /** No subcommand: a bridge or a service, depending on what stdin is. */
  | { readonly kind: 'run'; readonly flags: RunFlags }
  | { readonly kind: 'serve'; readonly flags: RunFlags }
  /** These read the rest themselves. */
  | { readonly kind: OwnReader; readonly rest: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'mistake'; readonly message: string };

/** The text of `--help`. */
export const helpText = `mcp-router: one trusted program between MCP clients and a remote MCP gateway

Usage:
  mcp-router [flags]                 bridge stdin/stdout to the running router, or else to the gateway itself;
                                     without a pipe on stdin: serve
  mcp-router serve [flags]           stay up, keep the gateway connected, serve the local socket
  mcp-router config check [flags]    print what is effective, or everything that is wrong (exit 0, 1 or 2)
  mcp-router token set NAME          store a token or client secret in the keychain; it is read from a prompt or stdin
  mcp-router token rotate [NAME]     try a new token or client secret, then put it in place of the old one; also client
                                     certificates: --certificate FILE --key FILE
  mcp-router token rollback [NAME]   go back to the one before, while it is still kept
  mcp-router token list              names, dates and ages of tokens, client secrets and certificates, never values
  mcp-router token delete NAME       remove a token or client secret from the keychain
  mcp-router sign-in, sign-out       sign a person in at the server's identity provider (OAuth2), or out again
  mcp-router clients list            MCP clients on this machine, and which are connected
  mcp-router clients connect CLIENT  let a client start this router; also disconnect, repair and undo
  mcp-router clients token add NAME  a token for a client that connects over HTTP (local.http); also list and revoke
  mcp-router audit verify            check the audit log; also tail and export
  mcp-router doctor                  go through the hardening checklist on this machine (exit 0, 1 or 2)
  mcp-router lockdown                let nothing pass any more, in no router of this user; also status and release
  mcp-router incident export         write what somebody needs who looks into an incident, sanitised

Flags:
  -c, --config FILE     the configuration file
      --log-level L     debug, info, warn or error
  -q, --quiet           log nothing
      --standalone      never attach to a running router (so it is with --config, --log-level and MCP_* settings)
      --attach-only     be served by a running router or not at all
      --wait SECONDS    how long requests wait for a router that went away (default 30)
  -h, --help            this text
  -v, --version         the version
`;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const FLAGS = {
  config: { type: 'string', short: 'c' },
  'log-level': { type: 'string' },
  quiet: { type: 'boolean', short: 'q' },
  standalone: { type: 'boolean' },
  'attach-only': { type: 'boolean' },
  wait: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Understands the arguments after the program's name; never throws. */
export function parseCommandLine(argv: readonly string[]): Command {
  const [first] = argv;
  const own = OWN_READERS.find((name) => name === first);
  if (own !== undefined) return { kind: own, rest: argv.slice(1) };
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: FLAGS, allowPositionals: true });
    if (values.help === true) return { kind: 'help' };
    if (values.version === true) return { kind: 'version' };
    const [name, ...extra] = positionals;
    if (name === 'help' || name === 'version') return { kind: name };
    if ((name !== undefined && name !== 'serve') || extra.length > 0) return unknown(extra[0] ?? name ?? '');
    const logLevel = LEVELS.find((level) => level === values['log-level']);
    if (values['log-level'] !== undefined && logLevel === undefined) {
      return mistake(`--log-level must be one of: ${LEVELS.join(', ')}`);
    }
    const attach = attachFlags(values);
    if (typeof attach === 'string') return mistake(attach);
    const flags = { configPath: values.config, logLevel, isQuiet: values.quiet ?? false, ...attach };
    return { kind: name === undefined ? 'run' : 'serve', flags };
  } catch (error) {
    return mistake(error instanceof Error ? error.message : 'the arguments cannot be understood');
  }
}

interface AttachValues {
  readonly standalone?: boolean | undefined;
  readonly 'attach-only'?: boolean | undefined;
  readonly wait?: string | undefined;
  readonly config?: string | undefined;
}

const DEFAULT_WAIT_S = 30;
const MAX_WAIT_S = 3600;

/** What is wrong with the values, as a text, or what they say. */
function attachFlags(values: AttachValues): string | Pick<RunFlags, 'attach' | 'waitMs'> {
  const { standalone = false, 'attach-only': isOnly = false, wait, config } = values;
  if (isOnly && standalone) return '--standalone and --attach-only exclude each other';
  if (isOnly && config !== undefined) {
    return '--attach-only uses the configuration of the running router; leave --config out';
  }
  const seconds = wait === undefined ? DEFAULT_WAIT_S : /^\d+$/.test(wait) ? Number(wait) : -1;
  if (seconds < 0 || seconds > MAX_WAIT_S) return `--wait must be seconds, from 0 to ${String(MAX_WAIT_S)}`;
  return { attach: isOnly ? 'only' : standalone ? 'never' : 'if-running', waitMs: seconds * 1000 };
}

const mistake = (message: string): Command => ({ kind: 'mistake', message });
const unknown = (name: string): Command => mistake(`unknown command "${name}"; see mcp-router --help`);

/** What file descriptor 0 is. */
export interface StdinFacts {
  readonly isTerminal: boolean;
  readonly isCharacterDevice: boolean;
}

/**
 * Without a subcommand: a pipe, socket or file on stdin is a client; a terminal, the null device or nothing at all is
 * how services and containers are started (guide: Process Isolation, Container Security).
 */
export function modeFor(stdin: StdinFacts | null): 'bridge' | 'serve' {
  return stdin === null || stdin.isTerminal || stdin.isCharacterDevice ? 'serve' : 'bridge';
}
