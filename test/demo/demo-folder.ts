import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the demo's files are made of. */
export interface DemoParts {
  readonly gatewayUrl: string;
  readonly authorityPem: string;
  readonly token: string;
}

/** A folder of the demo's own, for this user only. */
export interface DemoFolder {
  readonly configPath: string;
  readonly socketPath: string;
  fill(parts: DemoParts): void;
  remove(): void;
}

/** Socket paths are limited to 104 bytes on macOS and 108 on Linux. */
const LONGEST_SOCKET_PATH = 100;

/** Makes the folder; `fill` writes certificate, token and configuration into it. */
export function createDemoFolder(): DemoFolder {
  const path = makePrivateFolder();
  const inside = (name: string): string => join(path, name);
  const configPath = inside('mcp-router.yaml');
  const socketPath =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\${path.split('\\').at(-1) ?? 'mcp-router-demo'}`
      : inside('router.sock');
  return {
    configPath,
    socketPath,
    fill: ({ gatewayUrl, authorityPem, token }) => {
      const writePrivate = (file: string, text: string): void => {
        writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
      };
      const caPath = inside('ca.pem');
      const tokenPath = inside('token');
      writePrivate(caPath, authorityPem);
      writePrivate(tokenPath, `${token}\n`);
      writePrivate(
        configPath,
        demoConfig({ gatewayUrl, caPath, tokenPath, socketPath, auditPath: inside('audit.log') }),
      );
    },
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function makePrivateFolder(): string {
  const name = 'mcp-router-demo-';
  const isShortEnough = join(tmpdir(), `${name}XXXXXX`, 'router.sock').length <= LONGEST_SOCKET_PATH;
  const path = mkdtempSync(join(isShortEnough ? tmpdir() : '/tmp', name));
  chmodSync(path, 0o700);
  return path;
}

interface ConfigParts {
  readonly gatewayUrl: string;
  readonly caPath: string;
  readonly tokenPath: string;
  readonly socketPath: string;
  readonly auditPath: string;
}

/** JSON strings are YAML strings. */
function demoConfig({ gatewayUrl, caPath, tokenPath, socketPath, auditPath }: ConfigParts): string {
  return `# Written by the embedded demo; it goes away with the demo.
gateway:
  url: ${JSON.stringify(gatewayUrl)}
  auth:
    type: bearer
    token_file: ${JSON.stringify(tokenPath)}
  tls:
    ca_cert_path: ${JSON.stringify(caPath)}
local:
  socket:
    enabled: true
    path: ${JSON.stringify(socketPath)}
logging:
  audit:
    enabled: false # it would put the key of its seals into the keychain
    include_requests: true
    output: ${JSON.stringify(auditPath)}
metrics:
  enabled: false # the address belongs to a router in earnest
`;
}
