import type { Adapters } from '../compose';
import type { DesktopPages } from '../desktop-pages';
import type { Engine } from '../engine/index';
import type { Announce } from './announcements';
import { desktopAudit, type ChooseSavePath } from './desktop-audit';

/** What the pages are made of. */
export interface PageParts {
  readonly adapters: Adapters;
  readonly version: string;
  /** The one that runs; undefined before there is one. */
  readonly engine: () => Engine | undefined;
  readonly announce: Announce;
  readonly chooseSavePath: ChooseSavePath;
}

/** What stands behind the pages of the window. Nothing is opened before it is asked for. */
export function desktopPages({ adapters, announce, chooseSavePath }: PageParts): DesktopPages {
  const { machine, facts } = adapters;
  return {
    audit: desktopAudit({
      machine,
      facts,
      announce: (progress) => announce('audit.progress', progress),
      chooseSavePath,
      now: Date.now,
    }),
    credentials: {},
    clientApps: {},
    settings: {},
  };
}
