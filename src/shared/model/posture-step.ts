import { CONFIG_FILE, type PosturePoint, type PostureId } from './posture';

/** What the window can do next about a point of the checklist. */
export type PostureStep =
  /** The settings page, with this searched for. */
  | { readonly kind: 'open-settings'; readonly search: string }
  | { readonly kind: 'open-credentials' }
  /** Done at once: it only adds what the router writes down. */
  | { readonly kind: 'switch-on-audit' }
  /** Done after the command was shown and confirmed. */
  | { readonly kind: 'make-private' };

type Way = PostureStep['kind'] | 'words';

/** Where most of a point is mended. `words`: not in the window, so the checklist says what to do. */
const wayOfPoint: Readonly<Record<PostureId, Way>> = {
  'token-storage': 'open-credentials',
  tls: 'open-settings',
  verification: 'open-settings',
  'rate-limit': 'open-settings',
  metrics: 'open-settings',
  'debug-logging': 'open-settings',
  'non-root': 'words',
  'resource-limits': 'open-settings',
  audit: 'open-settings',
  updates: 'words',
  'incident-contact': 'open-settings',
  rotation: 'open-credentials',
};

/** What is mended elsewhere than the rest of its point. */
const wayOfSubject: Readonly<Record<string, Way>> = {
  [CONFIG_FILE]: 'make-private',
  'gateway.auth.type': 'open-settings',
  'logging.audit.enabled': 'switch-on-audit',
  'security.rotation_days': 'open-settings',
};

/** The next step of a point; null where it is good, and where the window cannot help. */
export function postureStep({
  id,
  verdict,
  about,
}: Pick<PosturePoint, 'id' | 'verdict' | 'about'>): PostureStep | null {
  if (verdict === 'pass') return null;
  const own = about === null ? undefined : wayOfSubject[about];
  const way = own ?? wayOfPoint[id];
  switch (way) {
    case 'words':
      return null;
    case 'open-settings':
      return about === null ? null : { kind: way, search: about };
    case 'open-credentials':
    case 'switch-on-audit':
    case 'make-private':
      return { kind: way };
  }
}
