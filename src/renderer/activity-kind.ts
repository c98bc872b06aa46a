import type { RouterEvent } from '../shared/model/events';

/** What the activity list can be filtered by, in the order of the choice. */
export const activityKinds = ['auth', 'limits', 'connection', 'alerts', 'clients', 'settings'] as const;
export type ActivityKind = (typeof activityKinds)[number];

const kinds: Readonly<Record<RouterEvent['kind'], readonly ActivityKind[]>> = {
  'engine-started': ['settings'],
  'engine-stopped': ['settings'],
  'config-applied': ['settings'],
  'config-rejected': ['settings'],
  'listener-opened': ['settings'],
  switched: ['connection'],
  'connection-changed': ['connection'],
  'connection-failed': ['connection'],
  'failed-over': ['connection'],
  'certificate-rejected': ['connection'],
  'certificate-expiring': ['connection'],
  'handshake-replayed': ['connection', 'clients'],
  // It counts as a connection error as well.
  'auth-failed': ['auth', 'connection'],
  'credential-used': ['auth'],
  'credential-changed': ['auth'],
  'credential-unusable': ['auth'],
  'credential-rolled-back': ['auth'],
  'credential-overlap-ended': ['auth'],
  'credential-ageing': ['auth'],
  'credential-stored': ['auth'],
  'credential-deleted': ['auth'],
  'local-client-refused': ['auth', 'clients'],
  'rate-limited': ['limits'],
  'alert-raised': ['alerts'],
  'alert-resolved': ['alerts'],
  'audit-changed': ['alerts'],
  'locked-down': ['alerts'],
  'lockdown-released': ['alerts'],
  'session-opened': ['clients'],
  'session-named': ['clients'],
  'session-refused': ['clients'],
  'session-dismissed': ['clients'],
  'session-closed': ['clients'],
  'request-settled': ['clients'],
  'request-refused': ['clients'],
  'request-cancelled': ['clients'],
  'policy-denied': ['clients'],
  'message-dropped': ['clients'],
};

/** Where an event belongs; one at least. */
export const activityKindsOf = ({ kind }: RouterEvent): readonly ActivityKind[] => kinds[kind];
