/** Who made an IPC call, as Electron reports it. */
export interface IpcSender {
  readonly contentsId: number;
  /** Null when the frame is already gone. */
  readonly frame: { readonly origin: string; readonly isMainFrame: boolean } | null;
}

/** True only for the main frame of our own window, showing our own origin. */
export function isTrustedSender(
  sender: IpcSender,
  trusted: { readonly contentsId: number | null; readonly origin: string },
): boolean {
  return (
    trusted.contentsId !== null &&
    sender.contentsId === trusted.contentsId &&
    sender.frame !== null &&
    sender.frame.isMainFrame &&
    sender.frame.origin === trusted.origin
  );
}
