import type { Handlers } from '../../shared/ipc/contract';
import { auditCalls } from '../../shared/ipc/audit-calls';
import type { HandlersOf } from '../../shared/ipc/call';
import { clientAppCalls } from '../../shared/ipc/client-app-calls';
import { credentialCalls } from '../../shared/ipc/credential-calls';
import { preferenceCalls } from '../../shared/ipc/preference-calls';
import { securityCalls } from '../../shared/ipc/security-calls';
import { settingsCalls } from '../../shared/ipc/settings-calls';
import { setupCalls } from '../../shared/ipc/setup-calls';
import { trafficCalls } from '../../shared/ipc/traffic-calls';
import { RouterError } from '../../shared/model/errors';
import type { DesktopRouter } from '../desktop-router';

type AnyHandler = (input: unknown) => Promise<unknown>;

/** Asks for the page at each call: after the demo there is another one. */
function ofPage<Calls extends Record<string, { readonly kind: string }>>(
  calls: Calls,
  page: () => HandlersOf<Calls>,
): HandlersOf<Calls> {
  const names = Object.keys(calls).filter((name) => calls[name]?.kind !== 'event');
  const late = names.map((name): [string, AnyHandler] => [
    name,
    (input) => {
      const handlers = page() as unknown as Readonly<Record<string, AnyHandler>>; // one for each name of the calls
      return handlers[name]?.(input) ?? Promise.reject(new RouterError('internal', name));
    },
  ]);
  return Object.fromEntries(late) as unknown as HandlersOf<Calls>; // one function for each name of the calls
}

/** One function per query and command of the contract. */
export function createHandlers(
  router: DesktopRouter,
  preferences: HandlersOf<typeof preferenceCalls>,
): Handlers {
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
    ...ofPage(auditCalls, () => router.pages.audit),
    'audit.enable': async () => {
      const result = await router.pages.audit['audit.enable']();
      await router.readChanges();
      return result;
    },
    ...ofPage(credentialCalls, () => router.pages.credentials),
    ...ofPage(clientAppCalls, () => router.pages.clientApps),
    ...ofPage(securityCalls, () => router.pages.security),
    'security.make-private': async () => {
      const result = await router.pages.security['security.make-private']();
      await router.readChanges();
      return result;
    },
    ...ofPage(settingsCalls, () => router.pages.settings),
    ...ofPage(setupCalls, () => router.pages.setup),
    'setup.save': async (access) => {
      const saved = await router.pages.setup['setup.save'](access);
      if (saved.ok) await router.readChanges();
      return saved;
    },
    'setup.takeOver': async () => {
      const taken = await router.pages.setup['setup.takeOver']();
      return taken.ok ? router.connect() : taken;
    },
    ...ofPage(trafficCalls, () => router.pages.traffic),
    'settings.save': async (changes) => {
      const saved = await router.pages.settings['settings.save'](changes);
      if (saved.kind === 'saved') await router.readChanges();
      return saved;
    },
    ...ofPage(preferenceCalls, () => preferences),
  };
}
