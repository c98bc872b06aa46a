import { isJsonObject } from './json';

/** The namespace of a message (gateway-protocol 4.2). A name in the envelope wins. */
export function resolveNamespace(target: string, method: string, params: unknown): string {
  if (target !== '') return target;
  const fields = isJsonObject(params) ? params : {};
  switch (method) {
    case 'initialize':
    case 'shutdown':
      return 'system';
    case 'tools/call':
      return namespaceOfTool(fields['name']);
    case 'tools/list':
      return typeof fields['namespace'] === 'string' ? fields['namespace'] : 'system';
    default:
      return 'default';
  }
}

function namespaceOfTool(name: unknown): string {
  if (typeof name !== 'string') return 'default';
  return name.split('.')[0] ?? name;
}
