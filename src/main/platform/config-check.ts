import { access } from 'node:fs/promises';
import { constants } from 'node:fs';
import { posix } from 'node:path';

import type { RouterConfig } from '../../shared/model/config';
import type { CredentialInUse } from '../../shared/model/status';
import type { Commands, CredentialFiles, Environment, SecretStore } from '../engine/ports';
import { checkAges } from './age-check';
import { checkClientCertificate } from './client-certificate-check';
import { errorCode, systemReason } from './guarded-file';
import { findMetricsLacks } from './metrics-lacks';
import { findOAuthLacks } from './oauth-lacks';
import { expandHome, pathRules, type Place } from './paths';
import { findProxy, type ProxyFindings } from './proxy-check';
import { fileMessage } from './file-message';

/** Something that the configuration needs and this machine does not give, or gives badly. */
export interface Finding {
  readonly severity: 'lacking' | 'warning';
  /** The key that needs it. */
  readonly path: string;
  readonly message: string;
}

/** What this machine has for a valid configuration. */
export interface MachineFindings {
  /** The credential that a connection would use, by name; null when none is needed or none was found. */
  readonly credential: CredentialInUse | null;
  /** The way to the gateway. */
  readonly proxy: Omit<ProxyFindings, 'findings'>;
  readonly findings: readonly Finding[];
}

/** Where a check looks. */
export interface CheckedMachine {
  readonly place: Place;
  readonly secrets: Pick<SecretStore, 'read' | 'list'>;
  readonly environment: Environment;
  readonly commands: Commands;
  /** Credential files whose remarks go to the given function. */
  readonly filesWith: (onRemark: (path: string, remark: string) => void) => CredentialFiles;
}

/** Looks whether everything is there that a connection would use. Values are read and thrown away. */
export async function findLacks(config: RouterConfig, machine: CheckedMachine): Promise<MachineFindings> {
  const { credential, findings } = await findEndpointLacks(config, machine);
  const { findings: proxyFindings, ...proxy } = await findProxy(config, machine);
  const others: Finding[] = [];
  for (const gateway of config.gateway_pool.endpoints.slice(1)) {
    others.push(...(await findEndpointLacks({ ...config, gateway }, machine)).findings);
  }
  const isNew = (other: Finding): boolean =>
    !findings.some(({ path, message }) => path === other.path && message === other.message);
  return {
    credential,
    proxy,
    findings: [
      ...findings,
      ...others.filter(isNew),
      ...proxyFindings,
      ...(await checkLogFile(config, machine)),
      ...(await findMetricsLacks(config.metrics, machine)),
      ...(await checkAges(config, machine.secrets, machine.filesWith(ignored))),
    ],
  };
}

async function findEndpointLacks(
  config: RouterConfig,
  machine: CheckedMachine,
): Promise<Omit<MachineFindings, 'proxy'>> {
  const { credential, findings } = await findCredential(config, machine);
  return {
    credential,
    findings: [
      ...findings,
      ...(await checkCertificates(config, machine)),
      ...(await checkClientCertificate(config.gateway.auth, machine.filesWith(ignored), Date.now())),
    ],
  };
}

const DEFAULT_VARIABLE = 'MCP_AUTH_TOKEN';
const MAX_TOKEN_BYTES = 64 * 1024;
const ignored = (): void => undefined;
const TOKEN_SHAPE = /^[\x21-\x7e]+$/;

/** The answer of one source: it gives the token, has none, or is there but cannot be used, which ends the search. */
type SourceAnswer =
  | { readonly kind: 'token'; readonly value: string }
  | { readonly kind: 'none'; readonly message: string }
  | { readonly kind: 'blocked'; readonly message: string };

interface Source {
  /** The key that names it; null for the variable that needs no key. */
  readonly path: string | null;
  readonly inUse: CredentialInUse;
  ask(remark: (message: string) => void): Promise<SourceAnswer>;
}

async function findCredential(
  config: RouterConfig,
  machine: CheckedMachine,
): Promise<Omit<MachineFindings, 'proxy'>> {
  const { auth } = config.gateway;
  if (auth.type === 'none') return { credential: null, findings: [] };
  if (auth.type === 'oauth2') return findOAuthLacks(auth, machine);
  if (auth.type === 'mtls') {
    const name = auth.client_pkcs12 ?? auth.client_cert ?? '';
    return { credential: { source: 'certificate', name }, findings: [] };
  }
  const missed: Finding[] = [];
  for (const source of sourcesOf(config, machine)) {
    const path = source.path ?? 'gateway.auth';
    const answer = await source.ask((message) => missed.push({ severity: 'warning', path, message }));
    switch (answer.kind) {
      case 'token':
        return { credential: source.inUse, findings: [...missed, ...shapeFindings(answer.value, path)] };
      case 'none':
        if (source.path !== null) missed.push({ severity: 'warning', path, message: answer.message });
        break;
      case 'blocked':
        return {
          credential: null,
          findings: [...missed, { severity: 'lacking', path, message: answer.message }],
        };
    }
  }
  const message =
    missed.length === 0
      ? `no token: set ${DEFAULT_VARIABLE}, or name a source with token_secure_key, token_env, token_file or token_command`
      : `no token: set ${DEFAULT_VARIABLE}, or mend the source that is named`;
  return { credential: null, findings: [...missed, { severity: 'lacking', path: 'gateway.auth', message }] };
}

function shapeFindings(value: string, path: string): readonly Finding[] {
  if (TOKEN_SHAPE.test(value.trim())) return [];
  const message = 'the token holds spaces, line breaks or letters that a token cannot have; store it again';
  return [{ severity: 'lacking', path, message }];
}

/** In the order of design section 6; the engine goes through them in the same order. */
function sourcesOf(config: RouterConfig, machine: CheckedMachine): readonly Source[] {
  const { auth } = config.gateway;
  const { token_secure_key: secureKey, token_env: variable, token_file: file } = auth;
  return [
    ...(secureKey === undefined ? [] : [storeSource(secureKey, auth, machine)]),
    ...(variable === undefined ? [] : [variableSource(variable, 'gateway.auth.token_env', machine)]),
    variableSource(DEFAULT_VARIABLE, null, machine),
    ...(file === undefined ? [] : [fileSource(file, machine)]),
    ...(auth.token_command === undefined ? [] : [commandSource(auth.token_command, auth, machine)]),
  ];
}

function storeSource(name: string, auth: RouterConfig['gateway']['auth'], machine: CheckedMachine): Source {
  if (auth.token_storage === 'keychain') return keychainSource(name, machine);
  return {
    path: 'gateway.auth.token_secure_key',
    inUse: { source: 'memory', name },
    ask: () => Promise.resolve(none('with token_storage "memory" it is known to the running app alone')),
  };
}

function keychainSource(name: string, machine: CheckedMachine): Source {
  return {
    path: 'gateway.auth.token_secure_key',
    inUse: { source: 'keychain', name },
    ask: async () => {
      const lookup = await machine.secrets.read(name);
      switch (lookup.kind) {
        case 'found':
          return { kind: 'token', value: lookup.value };
        case 'absent':
          return none(`the keychain has no entry "${name}"; store it with: mcp-router token set ${name}`);
        case 'locked-or-removed':
          return blocked(
            `the keychain is locked, or the entry "${name}" was removed from it by another program`,
          );
        case 'unavailable':
          return blocked(`no keychain answers: ${lookup.reason}`);
      }
    },
  };
}

function variableSource(name: string, path: string | null, machine: CheckedMachine): Source {
  return {
    path,
    inUse: { source: 'environment', name },
    ask: (remark) => {
      const value = machine.environment.variable(name);
      const isSet = value !== undefined && value.trim() !== '';
      if (isSet && isInCredentialsFolder(value.trim(), machine)) {
        return fileSource(value.trim(), machine).ask(remark);
      }
      return Promise.resolve(isSet ? { kind: 'token', value } : none(`the variable ${name} is not set`));
    },
  };
}

/** As in the guide's systemd lines: the value is a path inside `$CREDENTIALS_DIRECTORY`. */
function isInCredentialsFolder(value: string, { environment }: CheckedMachine): boolean {
  const folder = environment.variable('CREDENTIALS_DIRECTORY');
  if (folder === undefined || !posix.isAbsolute(folder) || !posix.isAbsolute(value)) return false;
  const way = posix.relative(folder, value);
  return way !== '' && way !== '..' && !way.startsWith('../');
}

function commandSource(
  argv: readonly string[],
  { token_command_timeout_ms: timeoutMs }: RouterConfig['gateway']['auth'],
  { commands }: CheckedMachine,
): Source {
  const name = argv[0] ?? '';
  return {
    path: 'gateway.auth.token_command',
    inUse: { source: 'command', name },
    ask: async () => {
      const outcome = await commands.run(argv, { timeoutMs, maxOutputBytes: MAX_TOKEN_BYTES });
      switch (outcome.kind) {
        case 'done':
          return outcome.output.trim() === ''
            ? blocked(`${name} printed nothing`)
            : { kind: 'token', value: outcome.output };
        case 'not-startable':
          return blocked(`${name} cannot be started: ${outcome.reason}`);
        case 'failed':
          return blocked(`${name} ended with exit code ${outcome.exitCode}`);
        case 'killed':
          return blocked(`${name} was ended by ${outcome.signal}`);
        case 'timed-out':
          return blocked(`${name} gave no answer within ${timeoutMs} ms`);
        case 'too-much-output':
          return blocked(`${name} printed more than a token`);
      }
    },
  };
}

function fileSource(name: string, machine: CheckedMachine): Source {
  return {
    path: 'gateway.auth.token_file',
    inUse: { source: 'file', name },
    ask: async (remark) => {
      const files = machine.filesWith((_, message) => remark(message));
      const lookup = await files.readCredential(name);
      return lookup.kind === 'found' ? { kind: 'token', value: lookup.value } : blocked(fileMessage(lookup));
    },
  };
}

async function checkCertificates(config: RouterConfig, machine: CheckedMachine): Promise<readonly Finding[]> {
  const { ca_cert_path: path } = config.gateway.tls;
  if (path === undefined) return [];
  const lookup = await machine.filesWith(() => undefined).readCertificates(path);
  if (lookup.kind === 'found') return [];
  return [{ severity: 'lacking', path: 'gateway.tls.ca_cert_path', message: fileMessage(lookup) }];
}

async function checkLogFile(config: RouterConfig, machine: CheckedMachine): Promise<readonly Finding[]> {
  const { output } = config.logging;
  if (output === 'stderr') return [];
  const path = expandHome(output, machine.place);
  const problem =
    path === undefined ? 'this user has no home folder' : await writeProblem(path, machine.place);
  return problem === null
    ? []
    : [{ severity: 'lacking', path: 'logging.output', message: `${output} cannot be written: ${problem}` }];
}

/** Asks for the file, or for the nearest folder that exists, because the others would be created. */
export async function writeProblem(path: string, { platform }: Place): Promise<string | null> {
  const { dirname } = pathRules(platform);
  for (let candidate = path; ; candidate = dirname(candidate)) {
    try {
      await access(candidate, constants.W_OK);
      return null;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || candidate === dirname(candidate)) return systemReason(error);
    }
  }
}

function none(message: string): SourceAnswer {
  return { kind: 'none', message };
}

function blocked(message: string): SourceAnswer {
  return { kind: 'blocked', message };
}
