import type { Handlers } from '../../shared/ipc/contract';
import type { DesktopRouter } from '../desktop-router';

/** One function per query and command of the contract. */
export function createHandlers(router: DesktopRouter): Handlers {
  return {
    'status.get': () => Promise.resolve(router.appStatus()),
    'events.recent': () => Promise.resolve(router.recentEvents()),
    'connection.get': () => router.connectionSettings(),
    'connection.save': (input) => router.saveConnection(input),
    'gateway.connect': () => router.connect(),
    'gateway.disconnect': () => router.disconnect(),
    'clients.disconnect': ({ session }) => router.disconnectClient(session),
    'clients.block': ({ name }) => router.blockClient(name),
    'clients.unblock': ({ name }) => router.unblockClient(name),
    'posture.get': () => router.security.posture(),
    'lockdown.enter': () => router.security.lockDown('window'),
    'lockdown.release': ({ word }) => router.security.release(word),
  };
}
