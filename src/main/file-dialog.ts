import type { BrowserWindow, Dialog } from 'electron';

/** Which file a person is asked for. */
export interface FileRequest {
  readonly title: string;
  readonly kinds: readonly { readonly name: string; readonly extensions: readonly string[] }[];
}

/** Asks a person for a file of this machine; null when they choose none. */
export type ChooseFile = (request: FileRequest) => Promise<string | null>;

/** Asks with the dialog of the system, in front of our window if there is one. */
export function fileDialog(parts: {
  readonly dialog: Pick<Dialog, 'showOpenDialog'>;
  readonly BrowserWindow: Pick<typeof BrowserWindow, 'getAllWindows'>;
}): ChooseFile {
  return async ({ title, kinds }) => {
    const options = {
      title,
      properties: ['openFile' as const, 'dontAddToRecent' as const],
      filters: kinds.map(({ name, extensions }) => ({ name, extensions: [...extensions] })),
    };
    const [window] = parts.BrowserWindow.getAllWindows();
    const { canceled, filePaths } = await (window === undefined
      ? parts.dialog.showOpenDialog(options)
      : parts.dialog.showOpenDialog(window, options));
    return canceled ? null : (filePaths[0] ?? null);
  };
}
