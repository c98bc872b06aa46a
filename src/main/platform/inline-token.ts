import { parseConfigText } from './config-file';
import { nodeAt, plainValue, type ConfigNode } from './config-tree';
import { endpointNodes } from './endpoint-views';
import { readGuardedFile } from './guarded-file';
import { decodedConfig, MAX_CONFIG_BYTES, type LoadOptions } from './load-config';

/** A token that stands in the configuration file in clear text, with the address that it is for. */
export interface InlineToken {
  readonly url: string;
  readonly token: string;
}

/** The `setup` of the Go router writes it so; null where there is none, or more than one. */
export async function inlineToken(path: string, { place, uid }: LoadOptions): Promise<InlineToken | null> {
  const read = await readGuardedFile(path, {
    rule: 'trusted',
    maxBytes: MAX_CONFIG_BYTES,
    platform: place.platform,
    who: { uid },
  });
  if (read.kind !== 'read') return null;
  const decoded = decodedConfig(read.bytes);
  const tree = decoded.kind === 'text' ? parseConfigText(decoded.text).tree : null;
  if (tree === null) return null;
  const gateway = nodeAt(tree, ['gateway']);
  const found = [...(gateway === undefined ? [] : [gateway]), ...endpointNodes(tree)].flatMap(tokenOf);
  const [only] = found;
  return found.length === 1 && only !== undefined ? only : null;
}

function tokenOf(node: ConfigNode): readonly InlineToken[] {
  if (node.kind !== 'map') return [];
  const token = textAt(node, ['auth', 'token']);
  const url = textAt(node, ['url']);
  return token === null || url === null ? [] : [{ url, token }];
}

function textAt(node: Extract<ConfigNode, { kind: 'map' }>, path: readonly string[]): string | null {
  const found = nodeAt(node, path);
  const value = found === undefined ? null : plainValue(found);
  return typeof value === 'string' && value !== '' ? value : null;
}
