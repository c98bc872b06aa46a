import type { CommandResult } from '../../shared/ipc/call';
import type { DetectionReport, PrivacyOffer } from '../../shared/ipc/security-calls';
import { makePrivate, openConfigFile } from '../platform/config-access';
import type { Machine, MachineFacts } from '../platform/machine';
import { shellWord } from '../platform/shown-text';

/** What the security page does besides checklist and lockdown. */
export interface DesktopHardening {
  detection(): Promise<DetectionReport>;
  offerPrivacy(): Promise<PrivacyOffer>;
  makePrivate(): Promise<CommandResult>;
}

/** Looks at the configuration anew each time; what may be changed is only what was shown last. */
export function desktopHardening(
  machine: Pick<Machine, 'loadConfig'>,
  { uid }: Pick<MachineFacts, 'uid'>,
): DesktopHardening {
  let offered: string | null = null;
  const look = async (): Promise<PrivacyOffer> => {
    const loaded = await machine.loadConfig();
    const found = await openConfigFile(loaded.kind === 'valid' ? loaded.path : null, uid);
    if (found === null) return { kind: 'not-needed' };
    return { kind: 'offered', ...found, command: `chmod 600 ${shellWord(found.path)}` };
  };
  return {
    detection: async () => {
      const loaded = await machine.loadConfig();
      if (loaded.kind !== 'valid') return { kind: 'no-config' };
      const settings = loaded.config.security.detection;
      return { kind: 'configured', isOn: settings.enabled ?? true, settings };
    },
    offerPrivacy: async () => {
      const offer = await look();
      offered = offer.kind === 'offered' ? offer.path : null;
      return offer;
    },
    makePrivate: async () => {
      const wanted = offered;
      offered = null;
      const offer = await look();
      if (offer.kind === 'not-needed') return { ok: true };
      if (offer.path !== wanted) return refused(OTHER_FILE);
      const problem = await makePrivate(offer.path);
      return problem === null ? { ok: true } : refused(`${offer.path} stays as it is: ${problem}.`);
    },
  };
}

const OTHER_FILE = 'It is not the file that was shown. Nothing was changed; look again.';
const refused = (message: string): CommandResult => ({ ok: false, code: 'config-invalid', message });
