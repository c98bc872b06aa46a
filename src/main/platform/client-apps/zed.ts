import type { ClientApp } from './client-app';

/** Its user settings; those of a project are left alone. */
export const zed: ClientApp = {
  id: 'zed',
  title: 'Zed',
  format: 'json',
  allowsComments: true,
  files: {
    linux: ['{$FLATPAK_XDG_CONFIG_HOME}/zed/settings.json', '{config}/zed/settings.json'],
    // On macOS as well: Zed does not use Library/Application Support for its settings.
    darwin: ['{home}/.config/zed/settings.json'],
    win32: ['{appdata}/Zed/settings.json'],
  },
  traces: {
    linux: ['{config}/zed', '{home}/.local/share/zed', '{home}/.local/zed.app'],
    darwin: ['{home}/.config/zed', '{root}/Applications/Zed.app', '{support}/Zed'],
    win32: ['{appdata}/Zed', '{localappdata}/Zed', '{localappdata}/Programs/Zed'],
  },
  programs: ['zed', 'zeditor'],
  rootKey: 'context_servers',
  // Builds of 2025 refuse an entry without it; later ones do not look at it.
  entryExtras: { source: 'custom' },
  afterwards: 'Zed starts it at once; the agent panel shows it.',
};
