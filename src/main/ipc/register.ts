import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { contract } from '../../shared/ipc/contract';
import type { CallChannel, Handlers } from '../../shared/ipc/contract';
import type { IpcReply } from '../../shared/ipc/reply';
import { RouterError } from '../../shared/model/errors';
import { checkPayload } from './payloads/index';
import type { IpcSender } from './sender';

/** Every query and command of the contract. */
export const callChannels = Object.entries(contract)
  .filter(([, { kind }]) => kind !== 'event')
  .map(([channel]) => channel as CallChannel); // Object.entries widens the keys that were filtered by kind

const senderOf = (event: IpcMainInvokeEvent): IpcSender => ({
  contentsId: event.sender.id,
  frame:
    event.senderFrame === null
      ? null
      : { origin: event.senderFrame.origin, isMainFrame: event.senderFrame.parent === null },
});

/** Answers one call: trusted sender, then payload, then the handler. Expected failures become codes. */
export async function answerCall<C extends CallChannel>(
  channel: C,
  call: { readonly isTrusted: boolean; readonly input: readonly unknown[] },
  answers: { readonly handlers: Handlers; readonly onBug: (error: unknown) => void },
): Promise<IpcReply> {
  if (!call.isTrusted) return { kind: 'error', code: 'ipc-sender-rejected' };
  const payload = checkPayload(channel, call.input);
  if (payload.kind === 'rejected') return { kind: 'error', code: 'ipc-payload-rejected' };
  try {
    return { kind: 'value', value: await answers.handlers[channel](payload.input) };
  } catch (error) {
    if (error instanceof RouterError) return { kind: 'error', code: error.code };
    answers.onBug(error);
    return { kind: 'error', code: 'internal' };
  }
}

/** Puts every query and command of the contract on the wire, each behind the same checks. */
export function registerIpc(options: {
  readonly ipcMain: Pick<IpcMain, 'handle'>;
  readonly handlers: Handlers;
  readonly isTrusted: (sender: IpcSender) => boolean;
  /** Told of whatever is thrown and was not expected; the page only learns that it happened. */
  readonly onBug: (error: unknown) => void;
}): void {
  for (const channel of callChannels) {
    options.ipcMain.handle(channel, (event, ...input: unknown[]) =>
      answerCall(channel, { isTrusted: options.isTrusted(senderOf(event)), input }, options),
    );
  }
}
