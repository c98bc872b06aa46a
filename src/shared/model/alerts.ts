/** What is watched for (`security.detection`); each is the name of its section there. */
export const alertRules = [
  'auth_failures',
  'certificate_failures',
  'unexpected_clients',
  'request_rate',
  'method_mix',
  'new_tools',
  'large_requests',
] as const;

/** The rule that raised an alert. */
export type AlertRule = (typeof alertRules)[number];

/** One incident that is not over. Times are epoch milliseconds. */
export interface Alert {
  readonly rule: AlertRule;
  readonly raisedAt: number;
  /** When it was seen the last time. */
  readonly seenAt: number;
  /** How many events belong to it. */
  readonly count: number;
}

/** What happened, and what to do, for a person. */
export const alertTexts: Readonly<Record<AlertRule, { readonly text: string; readonly action: string }>> = {
  auth_failures: {
    text: 'Sign-ins fail again and again',
    action: 'Look whether the token is the right one; rotate it if it may be stolen.',
  },
  certificate_failures: {
    text: 'The gateway’s certificate or key was refused',
    action: 'Somebody may be on the way to it. Ask its operator before you trust another certificate.',
  },
  unexpected_clients: {
    text: 'Something on this machine asks without permission',
    action: 'A web page or a program with an old token may be the reason; see Activity.',
  },
  request_rate: {
    text: 'Clients ask far more often than usual',
    action: 'See which client it is; disconnect it if you do not know why.',
  },
  method_mix: {
    text: 'Clients ask for other things than usual',
    action: 'See which client it is; disconnect it if you do not know why.',
  },
  new_tools: {
    text: 'Many tools are used for the first time',
    action: 'See which client it is; local.policy can deny tools.',
  },
  large_requests: {
    text: 'Requests are far larger than usual',
    action: 'Data may be leaving this machine. See which client it is.',
  },
};
