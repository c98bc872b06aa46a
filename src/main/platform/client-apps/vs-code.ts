import type { ClientId } from '../../../shared/model/client-apps';
import type { ClientApp } from './client-app';

/** The default profile of the user; profiles and workspaces have files of their own, which are left alone. */
function build(
  id: ClientId,
  title: string,
  names: { readonly folder: string; readonly program: string },
): ClientApp {
  const { folder, program } = names;
  return {
    id,
    title,
    format: 'json',
    allowsComments: true,
    files: {
      linux: [`{config}/${folder}/User/mcp.json`],
      darwin: [`{support}/${folder}/User/mcp.json`],
      win32: [`{appdata}/${folder}/User/mcp.json`],
    },
    traces: {
      linux: [`{config}/${folder}`],
      darwin: [`{support}/${folder}`],
      win32: [`{appdata}/${folder}`],
    },
    programs: [program],
    rootKey: 'servers',
    entryExtras: { type: 'stdio' },
    afterwards: `${title} asks whether to trust the server when it starts it for the first time.`,
  };
}

export const vsCode = build('vscode', 'VS Code', { folder: 'Code', program: 'code' });

export const vsCodeInsiders = build('vscode-insiders', 'VS Code Insiders', {
  folder: 'Code - Insiders',
  program: 'code-insiders',
});
