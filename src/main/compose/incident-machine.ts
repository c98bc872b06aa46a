import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { get } from 'node:http';
import { release } from 'node:os';

import type { RouterConfig } from '../../shared/model/config';
import { metricsEndpoint } from '../../shared/model/metrics-endpoint';
import type { IncidentPart } from '../../shared/ipc/security-calls';
import type { Adapters } from '../compose';
import { writeNewFile } from '../platform/atomic-file';
import { errorCode, systemReason } from '../platform/guarded-file';
import { sanitiser } from '../platform/log';
import { expandHome } from '../platform/paths';

import { auditMachine, AuditUnreadable } from './audit-machine';
import { postureReport } from './posture';

/** What was gathered, sanitised; plain JSON. */
export interface IncidentBundle {
  readonly document: Readonly<Record<string, unknown>>;
  /** What is in it, one line each. */
  readonly contents: readonly string[];
  /** What could not be had, and why. */
  readonly missing: readonly string[];
}

/** What `incident export` needs from the machine. */
export interface IncidentMachine {
  /**
   * @param count how many records and lines of the log at most
   * @param tell is told what is gathered next
   */
  gather(count: number, configPath?: string, tell?: (part: IncidentPart) => void): Promise<IncidentBundle>;
  /** Writes a new file, 0600; the reason why not, or null. */
  write(path: string, text: string): Promise<string | null>;
}

/** One part of the bundle: what there is, and in words what that is, or why there is none. */
interface Part {
  readonly value: unknown;
  readonly content?: string;
  readonly missing?: string;
}

const MAX_ANSWER_BYTES = 64 * 1024;
const ANSWER_LIMIT_MS = 2000;
const LOG_TAIL_BYTES = 1024 * 1024;
/** Ours, and not to be changed: the hashes can be compared with those in the log. */
const KEPT_AS_THEY_ARE: ReadonlySet<string> = new Set(['hash', 'prev', 'time', 'timestamp', 'at']);

/**
 * Gathers what somebody needs who looks into an incident.
 *
 * @param ownStatus the status of the router in this process; null where none runs in it
 */
export function incidentMachine(
  adapters: Adapters,
  version: string,
  ownStatus: () => object | null = () => null,
): IncidentMachine {
  const { machine, facts, mask } = adapters;
  return {
    gather: async (count, configPath, tell = () => undefined) => {
      tell('secrets');
      const loaded = await machine.loadConfig(configPath);
      const config = loaded.kind === 'valid' ? loaded.config : null;
      await maskSecrets(config, adapters);
      tell('checklist');
      const posture = await postureReport(machine, { uid: facts.uid, version }, configPath);
      tell('configuration');
      const checked: unknown = JSON.parse((await machine.checkConfig(configPath)).json);
      const lockdown = await machine.lockdown.look();
      const told = <Value>(part: IncidentPart, value: () => Promise<Value>): Promise<Value> => {
        tell(part);
        return value();
      };
      const parts: Readonly<Record<string, Part>> = {
        versions: versionsPart(version),
        lockdown: {
          value: lockdown ?? 'not locked down',
          content: lockdown === null ? 'that it is not locked down' : 'since when it is locked down',
        },
        status: await told('status', () => statusPart(config, ownStatus())),
        posture: { value: posture, content: 'the hardening checklist (mcp-router doctor)' },
        config: { value: checked, content: 'the configuration as "config check" shows it, without secrets' },
        audit: await told('audit', () => auditPart(count, configPath, adapters)),
        log: await told('log', () => logPart(config, count, adapters)),
      };
      const clean = sanitiser({ sanitize: true, pii_sanitization: true }, mask);
      const values = Object.entries(parts).map(
        ([name, { value }]) => [name, sanitised(value, clean)] as const,
      );
      return {
        document: {
          format: 'mcp-router-incident/1',
          created: new Date().toISOString(),
          ...Object.fromEntries(values),
        },
        contents: Object.values(parts).flatMap(({ content }) => content ?? []),
        missing: Object.values(parts).flatMap(({ missing }) => missing ?? []),
      };
    },
    write: async (path, text) => {
      try {
        await writeNewFile(path, text);
        return null;
      } catch (error) {
        const code = errorCode(error);
        if (code === '') throw error;
        return code === 'EEXIST' ? 'there is such a file already' : systemReason(error);
      }
    },
  };
}

const versionsPart = (version: string): Part => ({
  value: {
    mcp_router: version,
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: `${process.platform} ${process.arch}`,
    system: release(),
  },
  content: 'versions of the router, of Node and of the system',
});

/** The same with every text sanitised. */
export function sanitised(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((one: unknown) => sanitised(one, clean));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]: [string, unknown]) => [
      key,
      KEPT_AS_THEY_ARE.has(key) ? one : sanitised(one, clean),
    ]),
  );
}

/** Every secret that is configured or stored is to be recognised, in whatever form it stands somewhere. */
async function maskSecrets(
  config: RouterConfig | null,
  { machine: { keychain, environment, filesWith }, mask }: Adapters,
): Promise<void> {
  for (const { name } of await keychain.list()) {
    const lookup = await keychain.read(name);
    if (lookup.kind === 'found') mask.add(lookup.value);
  }
  mask.add((environment.variable('MCP_AUTH_TOKEN') ?? '').trim());
  if (config === null) return;
  const files = filesWith(() => undefined);
  const blocks = config.gateway_pool.endpoints.flatMap(({ auth, proxy }) => [auth, proxy]);
  for (const [key, value] of [...blocks, config.metrics].flatMap((block) => Object.entries<unknown>(block))) {
    if (typeof value !== 'string') continue;
    if (key.endsWith('_env')) mask.add((environment.variable(value) ?? '').trim());
    if (!key.endsWith('_file')) continue;
    const lookup = await files.readCredential(value);
    if (lookup.kind === 'found') mask.add(lookup.value.trim());
  }
}

/** Asks the router that runs; where that needs a token nobody is asked. */
async function statusPart(config: RouterConfig | null, own: object | null): Promise<Part> {
  if (own !== null) return { value: own, content: 'the status of this router' };
  const why = (reason: string): Part => ({
    value: null,
    missing: `the status of a running router: ${reason}`,
  });
  if (config === null || config.metrics.enabled === false) return why('nobody answers /health');
  const { endpoint, token_env: variable, token_file: file, token_secure_key: entry } = config.metrics;
  if ((variable ?? file ?? entry) !== undefined) return why('/health asks for a token');
  const address = metricsEndpoint(endpoint);
  if (address?.isLocal !== true) return why('/health is not on this machine alone');
  const value = await healthAt(address.host, address.port);
  return value === null
    ? why(`nobody answers at ${endpoint}`)
    : { value, content: `the status of the router that runs, from ${endpoint}` };
}

function healthAt(host: string, port: number): Promise<object | null> {
  return new Promise((resolve) => {
    const request = get({ host, port, path: '/health', signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    request.on('error', () => resolve(null));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) request.destroy();
      });
      response.on('error', () => resolve(null));
      response.on('close', () => resolve(objectIn(text)));
    });
  });
}

function objectIn(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null; // somebody else listens there
  }
}

async function auditPart(
  count: number,
  configPath: string | undefined,
  { machine }: Adapters,
): Promise<Part> {
  const why = (reason: string): Part => ({ value: [], missing: `the audit log: ${reason}` });
  const audit = auditMachine(machine);
  const location = await audit.locate(undefined, configPath);
  if (location.kind === 'refused') return why(location.message);
  try {
    const lines = await audit.last(location.path, count);
    const value = lines.map(({ text, record }) => record ?? { changed: text });
    return { value, content: `the last ${String(value.length)} records of the audit log` };
  } catch (error) {
    if (!(error instanceof AuditUnreadable)) throw error;
    return why(error.message);
  }
}

async function logPart(
  config: RouterConfig | null,
  count: number,
  { machine: { place } }: Adapters,
): Promise<Part> {
  const why = (reason: string): Part => ({ value: [], missing: `the log: ${reason}` });
  if (config === null) return why('there is no valid configuration');
  const { output } = config.logging;
  if (output === 'stderr') return why('it goes to stderr; for a service: journalctl -u mcp-router');
  try {
    const lines = await lastLines(expandHome(output, place) ?? output, count);
    return { value: lines, content: `the last ${String(lines.length)} lines of ${output}` };
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return why(`${output}: ${systemReason(error)}`);
  }
}

async function lastLines(path: string, count: number): Promise<readonly string[]> {
  const file = await open(path, constants.O_RDONLY);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    // The first one may be half a line, which could be half a secret.
    const whole = length < size ? lines.slice(1) : lines;
    return whole.filter((line) => line !== '').slice(-count);
  } finally {
    await file.close();
  }
}
