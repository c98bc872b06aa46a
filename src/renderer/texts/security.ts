import type { IncidentPart } from '../../shared/ipc/security-calls';
import type { AlertRule } from '../../shared/model/alerts';
import type { PostureStep } from '../../shared/model/posture-step';
import type { Verdict } from '../../shared/model/posture';

const points = (count: number): string => (count === 1 ? '1 point' : `${count} points`);

const verdict: Readonly<Record<Exclude<Verdict, 'pass'>, string>> = {
  warn: 'Needs a look',
  fail: 'Not safe',
};
const step: Readonly<Record<PostureStep['kind'], string>> = {
  'open-settings': 'Open Settings',
  'open-credentials': 'Open Credentials',
  'switch-on-audit': 'Switch on',
  'make-private': 'Make it private',
};
const rules: Readonly<Record<AlertRule, string>> = {
  auth_failures: 'Refused sign-ins',
  certificate_failures: 'Refused certificates of the gateway',
  unexpected_clients: 'Callers turned away on this machine',
  request_rate: 'More requests than usual',
  method_mix: 'Other requests than usual',
  new_tools: 'Tools that were never used before',
  large_requests: 'Unusually large requests',
};
const part: Readonly<Record<IncidentPart, string>> = {
  secrets: 'Learning which secrets to mask...',
  checklist: 'Going through the checklist...',
  configuration: 'Reading the configuration...',
  status: 'Asking the router...',
  audit: 'Reading the audit log...',
  log: 'Reading the log...',
  writing: 'Writing the file...',
};

/** What the page "Security" says. */
export const securityTexts = {
  intro: 'What protects this machine, and what to do when something is wrong.',
  cancel: 'Cancel',
  close: 'Close',
  openActivity: 'Open Activity',

  checklist: {
    title: 'Hardening checklist',
    loading: 'Going through the checklist',
    failed: 'The checklist could not be gone through',
    lookAgain: 'Look again',
    lookedAt: (time: string) => `Looked at ${time}`,
    noConfig: 'Nothing to check yet',
    noConfigText: 'Without valid settings there is nothing to check.',
    openConnection: 'Open Connection',
    verdict,
    count: {
      pass: (count: number) => `${count} good`,
      warn: (count: number) => `${count} need${count === 1 ? 's' : ''} a look`,
      fail: (count: number) => `${count} not safe`,
    },
    headline: (fail: number, warn: number) => {
      if (fail > 0) return `${points(fail)} ${fail === 1 ? 'is' : 'are'} not safe`;
      if (warn > 0) return `${points(warn)} need${warn === 1 ? 's' : ''} a look`;
      return 'Everything on the list is good';
    },
    good: (count: number) => `${points(count)} ${count === 1 ? 'is' : 'are'} good`,
    problems: 'Points that need something',
    fix: (what: string) => `What to do: ${what}`,
    step,
    stepFor: (what: string, title: string) => `${what}: ${title}`,
    stepFailed: 'That did not work',
  },

  privacy: {
    title: 'Make the configuration file private?',
    text: (mode: string) =>
      `Other users of this machine can read it (mode ${mode}). This takes that right from them; you keep yours. It is the same as:`,
    looking: 'Looking at the file...',
    confirm: 'Make it private',
    notNeeded: 'Nobody else can read it any more.',
    failed: 'It was not changed',
  },

  detection: {
    title: 'Detection',
    settings: 'Open its settings',
    text: 'Watches for suspicious patterns, and tells you. Nothing is refused because of it.',
    isOff: 'Detection is switched off.',
    noConfig: 'What is watched for is known once there are valid settings.',
    failed: 'It is not known what is watched for',
    loading: 'Asking what is watched for',
    rules,
    within: (count: number, duration: string) => `${count} within ${duration}`,
    largeWithin: (within: string, size: string, factor: number) =>
      `${within}, each above ${size} and ${factor} times the largest usual one`,
    rate: (factor: number, least: number) =>
      `Above ${factor} times the busiest usual minute, from ${least} a minute`,
    mix: (percent: number, least: number) =>
      `The kinds of requests differ by ${percent} % from the usual ones, from ${least} a minute`,
    state: { alert: 'Alert', on: 'On', off: 'Off' },
    learning: (minutes: number, duration: string) =>
      `What is usual is learned from ${minutes} minutes with traffic after each start; what is compared with it is silent before. An alert is over when nothing more was seen for ${duration}.`,
  },

  locked: {
    title: 'Locked down',
    text: 'Nothing passes, in no router of yours. Clients get an error for everything they ask.',
    since: (time: string, by: string) => `Since ${time}, by ${by}.`,
    by: (by: string) => `By ${by}.`,
    typeWord: (word: string) => `Type "${word}" to end it`,
    release: 'End the lockdown',
  },

  lockdown: {
    button: 'Lock down now',
    title: 'Lock everything down?',
    consequences: [
      'Every connection to the gateway is closed, in every router of yours, also after a restart.',
      'Tokens in memory are forgotten. What is in the keychain stays there.',
      'Clients stay attached, and get an error for everything they ask.',
      'Requests that are under way fail; they may have been carried out.',
    ],
    until: 'It lasts until you end it here, or with "mcp-router lockdown release".',
    confirm: 'Lock down',
    failed: 'That did not work',
    demo: 'Not offered in the demo, because it would hold for every router of yours.',
  },

  incident: {
    title: 'If you suspect an incident',
    steps: {
      lock: {
        title: 'Lock down',
        text: 'Nothing passes any more, so that nothing more can happen.',
        done: 'Done: nothing passes.',
      },
      look: {
        title: 'Look at what happened',
        text: 'Who attached, what was asked for, and which sign-ins failed.',
      },
      rotate: {
        title: 'Get a new credential',
        text: 'Have the old one revoked by whoever issued it, then put the new one in its place.',
        locked:
          'Have the old one revoked by whoever issued it. A new one cannot be tried during a lockdown: store it with "mcp-router token set", or after the end.',
      },
      export: {
        title: 'Keep the facts',
        text: 'One file for whoever looks into it: versions, checklist, settings, the last records and lines of the log. Secrets and personal data are masked.',
      },
      release: {
        title: 'End the lockdown',
        text: 'When the cause is gone.',
        open: 'Go to it',
      },
    },
    openAudit: 'Open Audit',
    openActivity: 'Open Activity',
    openCredentials: 'Open Credentials',
    export: 'Export the facts',
    choosing: 'Waiting for the name of the file...',
    part,
    written: 'The facts were exported',
    writtenIncomplete: 'The facts were exported, but not all could be had',
    writtenTo: (path: string) => `To ${path}, which only you can read.`,
    readFirst:
      'Read it before you share it: secrets are masked as far as they are recognised; names of hosts, files and clients are not.',
    notIn: (what: string) => `Not in it: ${what}`,
    failed: 'The facts were not exported',
  },
} as const;
