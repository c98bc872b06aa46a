import { join } from 'node:path';
import type { Menu, MenuItemConstructorOptions, Tray, nativeImage } from 'electron';
import type { ShownState } from '../shared/model/status';
import type { TrayAction, TrayItem, TrayView } from './tray-view';

/** The icon in the person's tray or menu bar. */
export interface TrayIcon {
  show(view: TrayView): void;
  close(): void;
}

/** The file for an icon: macOS wants one-colour templates, Linux panels draw larger than 16 px. */
export function trayIconFile(platform: NodeJS.Platform, icon: ShownState): string {
  if (platform === 'darwin') return `${icon}Template.png`;
  return platform === 'linux' ? `${icon}-panel.png` : `${icon}.png`;
}

function menuTemplate(
  items: readonly TrayItem[],
  perform: (action: TrayAction) => void,
): MenuItemConstructorOptions[] {
  return items.map((item) => {
    if (item.kind === 'separator') return { type: 'separator' };
    if (item.kind === 'label') return { label: item.text, enabled: false };
    if (item.kind === 'check') {
      return {
        type: 'checkbox',
        label: item.text,
        checked: item.isOn,
        click: () => perform(item.action),
      };
    }
    return { label: item.text, click: () => perform(item.action) };
  });
}

/** Puts the icon into the tray. It draws exactly what it is shown and decides nothing. */
export function createTray(
  parts: {
    readonly Tray: typeof Tray;
    readonly Menu: typeof Menu;
    readonly nativeImage: typeof nativeImage;
  },
  options: {
    readonly first: TrayView;
    readonly iconFolder: string;
    readonly platform: NodeJS.Platform;
    readonly perform: (action: TrayAction) => void;
  },
): TrayIcon {
  const image = (icon: ShownState): Electron.NativeImage =>
    parts.nativeImage.createFromPath(join(options.iconFolder, trayIconFile(options.platform, icon)));
  const tray = new parts.Tray(image(options.first.icon));
  let drawn = '';
  const perform = (action: TrayAction): void => {
    // Whatever comes of it, Electron has drawn the mark of a check item the other way round already.
    if (action === 'toggle-login-item') drawn = '';
    options.perform(action);
  };
  const show = (view: TrayView): void => {
    const next = JSON.stringify(view);
    // Replacing the menu closes it under the person's hand on Linux, so only a change is drawn.
    if (next === drawn || tray.isDestroyed()) return;
    drawn = next;
    tray.setImage(image(view.icon));
    tray.setToolTip(view.tooltip);
    tray.setContextMenu(parts.Menu.buildFromTemplate(menuTemplate(view.menu, perform)));
  };
  tray.on('click', () => {
    if (options.platform !== 'darwin') options.perform('open-window');
  });
  show(options.first);
  return { show, close: () => tray.destroy() };
}
