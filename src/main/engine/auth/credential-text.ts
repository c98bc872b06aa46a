import { assertNever, RouterError } from '../../../shared/model/errors';
import type { CredentialFileChange, CredentialFileLookup } from '../ports';

/** What a file holds; null where there is none. Throws RouterError credential-file-*. */
export function fileText(lookup: CredentialFileLookup): string | null {
  switch (lookup.kind) {
    case 'found':
      return lookup.value;
    case 'missing':
      return null;
    case 'refused':
      throw new RouterError('credential-file-refused', `${lookup.path}: ${lookup.problem}`);
    case 'unreadable':
      throw new RouterError('credential-file-unreadable', `${lookup.path}: ${lookup.reason}`);
    default:
      return assertNever(lookup);
  }
}

/** Throws RouterError credential-file-unreadable. */
export function mustBeWritten(change: CredentialFileChange): void {
  mustBeDone(change, 'written');
}

/** Throws RouterError credential-file-unreadable. */
export function mustBeRemoved(change: CredentialFileChange): void {
  mustBeDone(change, 'removed');
}

function mustBeDone(change: CredentialFileChange, what: string): void {
  if (change.kind === 'done') return;
  throw new RouterError('credential-file-unreadable', `${change.path} cannot be ${what}: ${change.reason}`);
}
