import type { RouterConfig } from '../shared/model/config';
import { alertRules, type AlertRule } from '../shared/model/alerts';
import { securityTexts } from './texts/security';
import { durationWords } from './time-words';

const words = securityTexts.detection;
type Settings = RouterConfig['security']['detection'];

/** One rule of detection in words. */
export interface DetectionLine {
  readonly rule: AlertRule;
  readonly title: string;
  /** When it raises an alert. */
  readonly when: string;
  readonly isOn: boolean;
}

const KIB = 1024;
const MIB = KIB * KIB;

const sizeWords = (bytes: number): string => {
  if (bytes >= MIB && bytes % MIB === 0) return `${bytes / MIB} MiB`;
  return bytes % KIB === 0 ? `${bytes / KIB} KiB` : `${bytes} bytes`;
};

const withinWords = ({
  threshold,
  window_seconds: seconds,
}: {
  readonly threshold: number;
  readonly window_seconds: number;
}): string => words.within(threshold, durationWords(seconds * 1000));

function whenOf(rule: AlertRule, settings: Settings): string {
  switch (rule) {
    case 'request_rate': {
      const { factor, min_per_minute: least } = settings.request_rate;
      return words.rate(factor, least);
    }
    case 'method_mix': {
      const { difference, min_per_minute: least } = settings.method_mix;
      return words.mix(Math.round(difference * 100), least);
    }
    case 'large_requests': {
      const { min_bytes: bytes, factor } = settings.large_requests;
      return words.largeWithin(withinWords(settings.large_requests), sizeWords(bytes), factor);
    }
    case 'auth_failures':
    case 'certificate_failures':
    case 'unexpected_clients':
    case 'new_tools':
      return withinWords(settings[rule]);
  }
}

/** Every rule, in the order of the alerts; none is on where detection is off. */
export function detectionLines(settings: Settings, isOn: boolean): readonly DetectionLine[] {
  return alertRules.map((rule) => ({
    rule,
    title: words.rules[rule],
    when: whenOf(rule, settings),
    isOn: isOn && settings[rule].enabled,
  }));
}
