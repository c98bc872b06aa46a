import type { CredentialFileLookup } from '../engine/ports';

/** Why a file gives nothing, for a person. */
export function fileMessage(lookup: Exclude<CredentialFileLookup, { kind: 'found' }>): string {
  switch (lookup.kind) {
    case 'missing':
      return `there is no file ${lookup.path}`;
    case 'refused':
      return `${lookup.path} is not used: ${lookup.problem}`;
    case 'unreadable':
      return `${lookup.path} cannot be read: ${lookup.reason}`;
  }
}
