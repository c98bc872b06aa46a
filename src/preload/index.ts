import { contextBridge, ipcRenderer } from 'electron';
import type { IpcRendererEvent } from 'electron';
import { contract } from '../shared/ipc/contract';
import type { IpcReply } from '../shared/ipc/reply';

/** Only plain errors survive the bridge, so the message is the code (shared/model/errors.ts). */
const call =
  (channel: string) =>
  async (...input: unknown[]): Promise<unknown> => {
    const reply = (await ipcRenderer.invoke(channel, ...input)) as IpcReply; // main/ipc/register.ts sends nothing else
    if (reply.kind === 'error') throw new Error(reply.code);
    return reply.value;
  };

const listen =
  (channel: string) =>
  (listener: (payload: unknown) => void): (() => void) => {
    // The event object stays here: it would hand the page a way to send.
    const forward = (_event: IpcRendererEvent, payload: unknown): void => listener(payload);
    ipcRenderer.on(channel, forward);
    return () => void ipcRenderer.removeListener(channel, forward);
  };

contextBridge.exposeInMainWorld(
  'router',
  Object.fromEntries(
    Object.entries(contract).map(([channel, { kind }]) => [
      channel,
      kind === 'event' ? listen(channel) : call(channel),
    ]),
  ),
);
