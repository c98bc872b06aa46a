import type { RouterConfig } from '../model/config';
import { command, event, query, type CommandResult } from './call';

/** What detection watches for, as the configuration has it. */
export type DetectionReport =
  | {
      readonly kind: 'configured';
      /** In this program; without a value in the configuration it is on here. */
      readonly isOn: boolean;
      readonly settings: RouterConfig['security']['detection'];
    }
  /** There is no valid configuration. */
  | { readonly kind: 'no-config' };

/** What would be done so that only its user can read the configuration file. */
export type PrivacyOffer =
  | { readonly kind: 'offered'; readonly path: string; readonly mode: string; readonly command: string }
  /** Nobody else can read it. */
  | { readonly kind: 'not-needed' };

/** The parts of an export, in the order in which they are gathered. */
export const incidentParts = [
  'secrets',
  'checklist',
  'configuration',
  'status',
  'audit',
  'log',
  'writing',
] as const;
export type IncidentPart = (typeof incidentParts)[number];

/** What became of the export of an incident's facts. */
export type IncidentExport =
  | {
      readonly kind: 'written';
      readonly path: string;
      /** What is in it, one line each. */
      readonly contents: readonly string[];
      /** What could not be had, and why. */
      readonly missing: readonly string[];
    }
  /** No file was chosen. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string };

/** The channels of the page "Security". Lockdown and checklist have channels of their own. */
export const securityCalls = {
  'security.detection': query<void, DetectionReport>(),
  'security.offer-privacy': query<void, PrivacyOffer>(),
  /** Does what was offered last, and nothing else. */
  'security.make-private': command<void, CommandResult>(),
  /** The file is chosen in a dialog of main. */
  'incident.export': command<void, IncidentExport>(),
  'incident.progress': event<IncidentPart>(),
} as const;
