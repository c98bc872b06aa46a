import type { Adapters } from '../compose';
import type { DesktopPages } from '../desktop-pages';
import type { Engine } from '../engine/index';
import type { ChooseFile } from '../file-dialog';
import type { Announce } from './announcements';
import { desktopSetup } from './desktop-setup';
import { desktopCredentials } from './desktop-credentials';
import { desktopClients } from './desktop-clients';
import type { TrafficSeries } from './traffic-series';
import { desktopAudit, type ChooseSavePath } from './desktop-audit';
import { desktopHardening } from './desktop-hardening';
import { desktopIncident } from './desktop-incident';
import { incidentMachine } from './incident-machine';
import { desktopSettings, type OpenPath } from './desktop-settings';

/** What the pages are made of. */
export interface PageParts {
  readonly adapters: Adapters;
  readonly version: string;
  /** The one that runs; undefined before there is one. */
  readonly engine: () => Engine | undefined;
  readonly announce: Announce;
  readonly chooseFile: ChooseFile;
  readonly chooseSavePath: ChooseSavePath;
  readonly traffic: TrafficSeries;
  /** Opens a file in the system's editor. */
  readonly openPath: OpenPath;
}

/** What stands behind the pages of the window. Nothing is opened before it is asked for. */
export function desktopPages(parts: PageParts): DesktopPages {
  return {
    audit: desktopAudit({
      machine: parts.adapters.machine,
      facts: parts.adapters.facts,
      announce: (progress) => parts.announce('audit.progress', progress),
      chooseSavePath: parts.chooseSavePath,
      now: Date.now,
    }),
    credentials: desktopCredentials(parts),
    clientApps: desktopClients(parts.adapters),
    security: securityPage(parts),
    settings: desktopSettings({
      machine: parts.adapters.machine,
      load: {
        place: parts.adapters.machine.place,
        cwd: parts.adapters.facts.cwd,
        uid: parts.adapters.facts.uid,
      },
      openPath: parts.openPath,
    }),
    setup: desktopSetup(parts.adapters),
    traffic: { 'traffic.get': () => Promise.resolve(parts.traffic.report()) },
  };
}

function securityPage({
  adapters,
  version,
  engine,
  announce,
  chooseSavePath,
}: PageParts): DesktopPages['security'] {
  const { machine, facts } = adapters;
  const hardening = desktopHardening(machine, facts);
  const exportIncident = desktopIncident({
    incident: incidentMachine(adapters, version, () => engine()?.status() ?? null),
    chooseSavePath,
    announce: (part) => announce('incident.progress', part),
    platform: facts.platform,
    now: Date.now,
  });
  return {
    'security.detection': hardening.detection,
    'security.offer-privacy': hardening.offerPrivacy,
    'security.make-private': hardening.makePrivate,
    'incident.export': exportIncident,
  };
}
