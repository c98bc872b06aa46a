import type { Adapters } from '../compose';
import type { DesktopPages } from '../desktop-pages';
import type { Engine } from '../engine/index';
import type { Announce } from './announcements';
import { desktopSettings, type OpenPath } from './desktop-settings';

/** What the pages are made of. */
export interface PageParts {
  readonly adapters: Adapters;
  readonly version: string;
  /** The one that runs; undefined before there is one. */
  readonly engine: () => Engine | undefined;
  readonly announce: Announce;
  /** Opens a file in the system's editor. */
  readonly openPath: OpenPath;
}

/** What stands behind the pages of the window. Nothing is opened before it is asked for. */
export function desktopPages({ adapters, openPath }: PageParts): DesktopPages {
  const { machine, facts } = adapters;
  return {
    audit: {},
    credentials: {},
    clientApps: {},
    settings: desktopSettings({
      machine,
      load: { place: machine.place, cwd: facts.cwd, uid: facts.uid },
      openPath,
    }),
  };
}
