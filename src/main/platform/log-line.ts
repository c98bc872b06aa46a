import type { LogFields } from '../engine/ports';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One event of the log. */
export interface LogEvent {
  readonly at: Date;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

const OWN_NAMES: ReadonlySet<string> = new Set(['timestamp', 'level', 'msg']);

/**
 * One event as one line without its end.
 *
 * @param mask takes secrets out of a text; applied to each text before it is escaped
 */
export function logLine(event: LogEvent, format: 'json' | 'text', mask: (text: string) => string): string {
  const fields = Object.entries(event.fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [OWN_NAMES.has(name) ? `${name}_` : name, maskedValue(value, mask)] as const);
  const timestamp = event.at.toISOString();
  const message = mask(event.message);
  if (format === 'json') {
    const line = JSON.stringify({
      timestamp,
      level: event.level,
      msg: message,
      ...Object.fromEntries(fields),
    });
    // JSON leaves these as they are, but some readers and terminals break lines or act on them.
    return line.replace(/[\u007f-\u009f\u2028\u2029]/g, escaped);
  }
  const pairs = fields.map(([name, value]) => ` ${name}=${textValue(value)}`);
  return `${timestamp} ${event.level.toUpperCase().padEnd(5)} ${oneLine(message)}${pairs.join('')}`;
}

type FieldValue = string | number | boolean | null | undefined;

function maskedValue(value: FieldValue, mask: (text: string) => string): FieldValue {
  if (typeof value === 'string') return mask(value);
  if (typeof value !== 'number') return value;
  const text = String(value);
  const masked = mask(text);
  return masked === text ? value : masked;
}

function textValue(value: FieldValue): string {
  if (typeof value !== 'string') return String(value);
  return value === '' || /[\s"=]/.test(value) ? oneLine(JSON.stringify(value)) : oneLine(value);
}

/** Line breaks and control characters (colours, cursor moves) as escapes: one event is one line. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    switch (character) {
      case '\n':
        return '\\n';
      case '\r':
        return '\\r';
      case '\t':
        return '\\t';
      default:
        return escaped(character);
    }
  });
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
