import type { ClientId } from '../../src/shared/model/client-apps';

/** A client's file as people and apps leave them: odd order, comments where the format has them, foreign entries. */
export interface ClientFixture {
  readonly id: ClientId;
  readonly path: string;
  readonly text: string;
}

/** Part of every fixture, for a change by somebody else. */
export const FOREIGN_VALUE = 'keep-me';
/** A secret of another server, which must show up nowhere. */
export const FOREIGN_SECRET = 'sk-foreign-0123456789';

const plainServers = (indent: string): string =>
  JSON.stringify(
    {
      zeta: 1e3,
      mcpServers: {
        github: { env: { GITHUB_TOKEN: FOREIGN_SECRET }, args: ['-y', FOREIGN_VALUE], command: 'npx' },
        'odd name': { command: 'x', args: [], unknownKey: { deep: [1, { a: null }] } },
      },
      alpha: { scale: 1.0, big: 12345678901234567890n.toString() },
    },
    null,
    indent,
  );

export const clientFixtures: readonly ClientFixture[] = [
  {
    id: 'claude-desktop',
    path: '.config/Claude/claude_desktop_config.json',
    // No line end at the end, as the app writes it.
    text: plainServers('  '),
  },
  {
    id: 'claude-code',
    path: '.claude.json',
    text: `{
  "numStartups": 42,
  "projects": {
    "/home/u/p": { "mcpServers": { "gateway": { "command": "another-scope" } }, "history": ["${FOREIGN_VALUE}"] }
  },
  "mcpServers": {},
  "oauthAccount": {"token":"${FOREIGN_SECRET}"},
  "bigNumber": 12345678901234567890123
}
`,
  },
  {
    id: 'cursor',
    path: '.cursor/mcp.json',
    text: `${plainServers('\t').replaceAll('\n', '\r\n')}\r\n`,
  },
  {
    id: 'vscode',
    path: '.config/Code/User/mcp.json',
    text: `{
\t// Servers of everyday use
\t"servers": {
\t\t"playwright": {
\t\t\t"type": "stdio", /* local */
\t\t\t"command": "npx", // ${FOREIGN_VALUE}
\t\t\t"args": ["@playwright/mcp@latest"],
\t\t}, // the last one
\t\t// "off": { "url": "https://example.com/?key=${FOREIGN_SECRET}" }
\t},
\t"inputs": [
\t\t{ "type": "promptString", "id": "key", "password": true },
\t],
}
`,
  },
  {
    id: 'vscode-insiders',
    path: '.config/Code - Insiders/User/mcp.json',
    text: `\uFEFF{"inputs":[],"servers":{"${FOREIGN_VALUE}":{"url":"https://example.com","headers":{"a":"${FOREIGN_SECRET}"}}}}`,
  },
  {
    id: 'windsurf',
    path: '.codeium/windsurf/mcp_config.json',
    text: `${plainServers('    ')}\n\n`,
  },
  {
    id: 'zed',
    path: '.config/zed/settings.json',
    text: `// Zed settings
//
// ${FOREIGN_VALUE}
{
  "theme": { "mode": "system", "dark": "One Dark" }, // dark
  "ui_font_size": 16,
  /* "api_key": "${FOREIGN_SECRET}", */
  "lsp": {
    "rust-analyzer": { "binary": { "path": "/usr/bin/ra" } } // no comma here
  } // nor here
  // the end
}
`,
  },
  {
    id: 'codex',
    path: '.codex/config.toml',
    text: `# ${FOREIGN_VALUE}
model = "gpt-5" # the usual
notes = """
[mcp_servers.gateway]
command = "this is text"
"""

[mcp_servers.docs] # first
command = 'npx'
args = [
  "-y", # yes
  "docs",
]
env = { API_KEY = "${FOREIGN_SECRET}" }

[mcp_servers."odd name".env]
A = "b"

[projects."/home/u/p"]
trust_level = "trusted"
`,
  },
  {
    id: 'gemini',
    path: '.gemini/settings.json',
    text: `{ "security": { "auth": { "selectedType": "oauth-personal" } },
  "ui": { "theme": "${FOREIGN_VALUE}" }, "x": "${FOREIGN_SECRET}" }`,
  },
];
