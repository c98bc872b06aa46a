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
    settings: {},
    setup: desktopSetup(parts.adapters),
    traffic: { 'traffic.get': () => Promise.resolve(parts.traffic.report()) },
  };
}
