import type { RouterConfig } from '../../shared/model/config';
import { isLoopbackHost, type ProxyTarget } from '../../shared/model/no-proxy';
import { chooseProxy, shownProxy, type ProxyChoice } from '../../shared/model/proxy-choice';
import type { CheckedMachine, Finding } from './config-check';
import { PLAIN_LOGIN } from './proxy-checks';
import { fileMessage } from './file-message';

/** How the gateway would be reached from this machine. Holds no secret. */
export interface ProxyFindings {
  /** One line for people. */
  readonly text: string;
  readonly choice: ProxyChoice;
  readonly findings: readonly Finding[];
}

/** Looks which proxy a connection to the gateway would take, and whether all is there that it needs. */
export async function findProxy(
  config: Pick<RouterConfig, 'gateway'>,
  machine: CheckedMachine,
): Promise<ProxyFindings> {
  const choice = chooseProxy(config.gateway.proxy, gatewayTarget(config), machine.environment);
  return { text: choiceText(choice), choice, findings: await findingsOf(choice, config, machine) };
}

function choiceText(choice: ProxyChoice): string {
  switch (choice.kind) {
    case 'direct':
      return `none (${DIRECT_TEXT[choice.reason]})`;
    case 'unusable':
      return `none that can be used (${choice.source.name})`;
    case 'proxy': {
      const login = choice.hasLogin ? ', with user name and password' : '';
      return `${shownProxy(choice.address)} (${choice.source.name}${login})`;
    }
  }
}

const DIRECT_TEXT: Readonly<Record<(ProxyChoice & { kind: 'direct' })['reason'], string>> = {
  'no-proxy-named': 'no proxy is named',
  'switched-off': 'gateway.proxy.enabled is false',
  loopback: 'the gateway is on this machine',
  excepted: 'gateway.proxy.no_proxy or NO_PROXY names the gateway',
};

async function findingsOf(
  choice: ProxyChoice,
  { gateway }: Pick<RouterConfig, 'gateway'>,
  machine: CheckedMachine,
): Promise<readonly Finding[]> {
  if (choice.kind === 'direct') return [];
  if (choice.kind === 'unusable') {
    const message = `nothing connects: ${choice.source.name} ${choice.problem}; or set gateway.proxy.enabled: false`;
    return [{ severity: 'lacking', path: 'gateway.proxy', message }];
  }
  const { address, source, hasLogin } = choice;
  const isPlain = !address.isEncrypted && !isLoopbackHost(address.host);
  return [
    // That of the file is found with the file.
    ...(hasLogin && isPlain && !gateway.allow_insecure
      ? [{ severity: 'warning', path: source.name, message: PLAIN_LOGIN } as const]
      : []),
    ...(address.isEncrypted ? await missingRoots(gateway, machine) : []),
    ...(source.kind === 'config' ? await missingPassword(gateway, machine) : []),
  ];
}

async function missingRoots(
  { proxy }: RouterConfig['gateway'],
  machine: CheckedMachine,
): Promise<readonly Finding[]> {
  if (proxy.ca_cert_path === undefined) return [];
  const lookup = await machine.filesWith(() => undefined).readCertificates(proxy.ca_cert_path);
  return lookup.kind === 'found' ? [] : [lacking('ca_cert_path', fileMessage(lookup))];
}

/** The first source that is named must give it, as in the engine. */
async function missingPassword(
  { proxy }: RouterConfig['gateway'],
  machine: CheckedMachine,
): Promise<readonly Finding[]> {
  const { password_secure_key: entry, password_env: variable, password_file: path } = proxy;
  if (entry !== undefined) return missingEntry(entry, machine);
  if (variable !== undefined) {
    return machine.environment.variable(variable) === undefined
      ? [lacking('password_env', `the variable ${variable} is not set`)]
      : [];
  }
  if (path === undefined) return [];
  const remarks: Finding[] = [];
  const files = machine.filesWith((_, message) =>
    remarks.push({ severity: 'warning', path: 'gateway.proxy.password_file', message }),
  );
  const lookup = await files.readCredential(path);
  return lookup.kind === 'found' ? remarks : [lacking('password_file', fileMessage(lookup))];
}

async function missingEntry(name: string, { secrets }: CheckedMachine): Promise<readonly Finding[]> {
  const lookup = await secrets.read(name);
  switch (lookup.kind) {
    case 'found':
      return [];
    case 'absent':
      return [
        lacking(
          'password_secure_key',
          `the keychain has no entry "${name}"; store it with: mcp-router token set ${name}`,
        ),
      ];
    case 'locked-or-removed':
      return [lacking('password_secure_key', `the keychain is locked, or the entry "${name}" was removed`)];
    case 'unavailable':
      return [lacking('password_secure_key', `no keychain answers: ${lookup.reason}`)];
  }
}

const lacking = (key: string, message: string): Finding => ({
  severity: 'lacking',
  path: `gateway.proxy.${key}`,
  message,
});

/** The target as the transports dial it; their usual ports are said here once more, for exceptions with a port. */
function gatewayTarget({ gateway }: Pick<RouterConfig, 'gateway'>): ProxyTarget {
  const { protocol, hostname, port } = new URL(gateway.url);
  const isEncrypted = /s:$/.test(protocol);
  const isTcp = protocol.startsWith('tcp');
  const isGoRouter = gateway.tcp.dialect === 'go-router';
  const [plain = 0, encrypted = 0] = isTcp ? (isGoRouter ? [8080, 8443] : [8444, 8444]) : [80, 443];
  const usual = isEncrypted ? encrypted : plain;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? usual : Number(port),
    isEncrypted,
  };
}
