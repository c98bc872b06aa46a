import { unit, type ProvenSetting } from './proven';

const heeded = unit('engine/detection', 'security.detection.%s is heeded: %j raises nothing');
const windowed = (rule: string): Readonly<Record<string, ProvenSetting>> =>
  below(rule, ['enabled', 'threshold', 'window_seconds']);
const below = (rule: string, keys: readonly string[]): Readonly<Record<string, ProvenSetting>> =>
  Object.fromEntries(keys.map((key) => [`security.detection.${rule}.${key}`, heeded]));

/** The keys of `security.detection`, with their tests. */
export const detectionSettings: Readonly<Record<string, ProvenSetting>> = {
  'security.detection.enabled': heeded,
  'security.detection.learning_minutes': heeded,
  'security.detection.resolve_after_seconds': unit(
    'engine/detection',
    'resolve_after_seconds: so long after the last sign it is over',
  ),
  ...windowed('auth_failures'),
  ...windowed('certificate_failures'),
  'security.detection.certificate_failures.window_seconds': unit(
    'engine/detection',
    'certificate_failures.window_seconds: failures further apart are not one incident',
  ),
  ...windowed('unexpected_clients'),
  ...windowed('new_tools'),
  ...windowed('large_requests'),
  ...below('large_requests', ['factor', 'min_bytes']),
  ...below('request_rate', ['enabled', 'factor', 'min_per_minute']),
  ...below('method_mix', ['enabled', 'difference', 'min_per_minute']),
};
