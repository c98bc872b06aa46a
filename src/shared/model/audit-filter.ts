/** What an action of the audit log belongs to. */
export type AuditTopic =
  'requests' | 'clients' | 'gateway' | 'credentials' | 'settings' | 'alerts' | 'log' | 'other';

/** All topics, in the order in which they are offered. */
export const auditTopics: readonly AuditTopic[] = [
  'requests',
  'clients',
  'gateway',
  'credentials',
  'settings',
  'alerts',
  'log',
  'other',
];

/** What can be chosen about outcomes; `problem` is all that is neither ok nor the end of an alert. */
export const auditOutcomes = ['any', 'problem', 'ok', 'failed', 'refused'] as const;
export type AuditOutcomeChoice = (typeof auditOutcomes)[number];

/** Which records are wanted; what is empty or null asks for nothing. */
export interface AuditFilter {
  /** Anywhere in the record, upper or lower case. */
  readonly text: string;
  /** Actions for which the window has words that hold the text. */
  readonly actions: readonly string[];
  readonly topic: AuditTopic | 'any';
  readonly outcome: AuditOutcomeChoice;
  /** A part of the session or of the name that the client claims. */
  readonly client: string;
  /** A part of the method or of the tool. */
  readonly method: string;
  /** The id of a request, whole, as the client wrote it. */
  readonly requestId: string;
  /** Epoch milliseconds; from then on. */
  readonly from: number | null;
  /** Epoch milliseconds; before then. */
  readonly until: number | null;
}

/** Everything. */
export const noAuditFilter: AuditFilter = {
  text: '',
  actions: [],
  topic: 'any',
  outcome: 'any',
  client: '',
  method: '',
  requestId: '',
  from: null,
  until: null,
};

const topicByAction: Readonly<Record<string, AuditTopic>> = {
  request: 'requests',
  policy: 'requests',
  'rate-limit': 'requests',
  session: 'clients',
  'local-client-refused': 'clients',
  'listener-opened': 'clients',
  auth: 'credentials',
  'signed-in': 'credentials',
  'signed-out': 'credentials',
  switched: 'gateway',
  'failed-over': 'gateway',
  'config-applied': 'settings',
  'router-started': 'settings',
  'router-stopped': 'settings',
  'locked-down': 'settings',
  alert: 'alerts',
};

const topicByStart: readonly (readonly [string, AuditTopic])[] = [
  ['session-', 'clients'],
  ['client-', 'clients'],
  ['connection-', 'gateway'],
  ['certificate-', 'gateway'],
  ['credential-', 'credentials'],
  ['audit-', 'log'],
  ['lockdown', 'settings'],
];

/** What an action belongs to; those that a later version may write are `other`. */
export function auditTopicOf(action: string): AuditTopic {
  const known = Object.hasOwn(topicByAction, action) ? topicByAction[action] : undefined;
  return known ?? topicByStart.find(([start]) => action.startsWith(start))?.[1] ?? 'other';
}

/** What makes a filter wait for a person's attention: everything that did not go well. */
export const isAuditProblem = (outcome: string): boolean => outcome !== 'ok' && outcome !== 'resolved';
