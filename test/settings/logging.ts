import { integration, unit, type ProvenSetting } from './proven';

/** The settings of `logging`. */
export const loggingSettings: Readonly<Record<string, ProvenSetting>> = {
  'logging.level': integration(
    'settings',
    'logging.output, logging.format and logging.level: lines of text in that file, from that level on',
  ),
  'logging.format': integration(
    'settings',
    'logging.output, logging.format and logging.level: lines of text in that file, from that level on',
  ),
  'logging.output': integration(
    'settings',
    'logging.output, logging.format and logging.level: lines of text in that file, from that level on',
  ),
  'logging.max_file_bytes': unit(
    'platform/log',
    'rotates at max_file_bytes, loses no line, and keeps one old file',
  ),
  'logging.sanitize': unit('platform/log', 'with sanitize %s shows the other forms of a secret: %s'),
  'logging.pii_sanitization': integration(
    'settings',
    'logging.pii_sanitization: personal data is taken out as well',
  ),
  'logging.exclude_bodies': integration(
    'settings',
    'logging.exclude_bodies: kind, method and size, and nothing of its content',
  ),
  'logging.audit.enabled': unit(
    'engine/audit-trail',
    'follows the configuration: off, on, and what is wanted',
  ),
  'logging.audit.include_auth': unit(
    'engine/audit-trail',
    'follows the configuration: off, on, and what is wanted',
  ),
  'logging.audit.include_requests': integration(
    'audit-log',
    'leaves requests out unless include_requests asks for them, and follows a reload to another output',
  ),
  'logging.audit.output': integration(
    'audit-log',
    'leaves requests out unless include_requests asks for them, and follows a reload to another output',
  ),
  'logging.audit.max_file_bytes': integration(
    'audit-log',
    'goes over several files, in each of which a change is found and named',
  ),
  'logging.audit.max_files': unit(
    'engine/audit-trail',
    'begins new files when one is full, and records which old ones were removed',
  ),
};
