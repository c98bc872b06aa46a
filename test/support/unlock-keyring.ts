import { Message, MessageType, sessionBus, Variant } from 'dbus-next';

const SERVICE = 'org.freedesktop.secrets';
const PATH = '/org/freedesktop/secrets';

/** Unlocks the running gnome-keyring of a session, as its own password window would. */
export async function unlockKeyring(busAddress: string, password: string): Promise<void> {
  const bus = sessionBus({ busAddress });
  const call = async (face: string, member: string, signature: string, body: unknown[]): Promise<unknown> => {
    const message = { destination: SERVICE, path: PATH, interface: face, member, signature, body };
    const reply = await bus.call(new Message({ type: MessageType.METHOD_CALL, ...message }));
    const values: unknown = reply?.body;
    return Array.isArray(values) ? values.at(-1) : undefined;
  };
  try {
    const open = await call('org.freedesktop.Secret.Service', 'OpenSession', 'sv', [
      'plain',
      new Variant('s', ''),
    ]);
    const secret = [open, Buffer.alloc(0), Buffer.from(password), 'text/plain'];
    // The daemon's own name for what password windows use; there is no public call without a window.
    const face = 'org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface';
    await call(face, 'UnlockWithMasterPassword', 'o(oayays)', [`${PATH}/collection/login`, secret]);
  } finally {
    bus.disconnect();
  }
}
