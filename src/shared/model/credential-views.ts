import type { CertificateFacts, CredentialInUse, CredentialKind } from './status';

/** How a person can change a credential in the window. */
export type CredentialChange =
  /** Something is in use: the new one is tried first, and the old one kept for a while. */
  | { readonly kind: 'rotate' }
  /** A place of ours that holds nothing yet. */
  | { readonly kind: 'enter' }
  /** Kept in memory, or no place is named for it: it is entered with the address, under Connection. */
  | { readonly kind: 'connection' }
  /** Not ours to write; `why` says where it is changed, in the words of the command line. */
  | { readonly kind: 'elsewhere'; readonly why: string };

/** A credential that the configuration uses, by name and age, never by value. Times are ISO 8601. */
export interface CredentialView {
  /** Names it in commands. */
  readonly id: string;
  readonly what: CredentialKind;
  /** Null where none is stored and no place is named for it. */
  readonly source: CredentialInUse['source'] | null;
  readonly name: string;
  /** The endpoints that use it, without user info or query. */
  readonly endpoints: readonly string[];
  /** Null where it is not known, as for files, variables and programs. */
  readonly storedAt: string | null;
  readonly certificate: CertificateFacts | null;
  /** Until when the one before it is kept; null: there is no way back. */
  readonly previousUntil: string | null;
  readonly change: CredentialChange;
  /** Why it cannot be used at present; null: it can. */
  readonly problem: string | null;
}

/** The sign-in of a person at an identity provider. Times are ISO 8601. */
export type SignInView = { readonly endpoint: string } & (
  | { readonly state: 'signed-out' }
  | {
      /** `ended`: the identity provider takes it no more. */
      readonly state: 'signed-in' | 'ended';
      readonly issuer: string;
      readonly clientId: string;
      /** The access token ends then, and is renewed by itself where `isRenewable`. */
      readonly tokenUntil: string;
      readonly isRenewable: boolean;
    }
);

/** What the router signs in with. */
export type CredentialsReport =
  | {
      readonly kind: 'ready';
      readonly credentials: readonly CredentialView[];
      /** Null where nobody signs in. */
      readonly signIn: SignInView | null;
      /** `security.rotation_days`; 0: never due. */
      readonly rotationDays: number;
      /** `security.rotation_overlap_minutes`; 0: the old one is not kept. */
      readonly overlapMinutes: number;
    }
  | { readonly kind: 'no-config'; readonly problems: readonly string[] };

/** What came of changing a credential. Unless it says otherwise, nothing has changed. */
export type CredentialOutcome =
  /** It was tried, and is in use. `until`: how long the old one is kept; null: it is not. */
  | { readonly kind: 'rotated'; readonly until: string | null }
  /** It was stored, and nobody was asked. */
  | { readonly kind: 'stored' }
  /** The other side does not accept it. */
  | { readonly kind: 'refused'; readonly message: string }
  /** The other side could not be asked. */
  | { readonly kind: 'not-tried'; readonly message: string }
  | { readonly kind: 'rolled-back' }
  | { readonly kind: 'overlap-ended' }
  /** Something else stood in the way. */
  | { readonly kind: 'failed'; readonly message: string };

/** A certificate that was chosen and looked at, and waits to be tried. */
export type ChosenCertificate =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'ready'; readonly facts: CertificateFacts; readonly files: readonly string[] }
  /** The passphrase is missing, or is another one. */
  | { readonly kind: 'needs-passphrase'; readonly files: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string };

/** In which form a certificate comes. */
export type CertificateForm = 'pem' | 'pkcs12';

/** How far something has come that takes a while. */
export type CredentialProgress =
  | { readonly kind: 'changing'; readonly id: string; readonly step: 'proving' | 'swapping' | 'rolling-back' }
  /** The page of the identity provider is open in the browser. */
  | { readonly kind: 'signing-in'; readonly provider: string };

/** What came of signing in or out. */
export type SignInOutcome =
  | { readonly kind: 'signed-in'; readonly issuer: string; readonly clientId: string }
  | { readonly kind: 'cancelled' }
  /** `revoked`: the identity provider has ended the tokens. `signed-out`: it did not confirm. */
  | { readonly kind: 'revoked' | 'signed-out' | 'nobody' }
  | { readonly kind: 'failed'; readonly message: string };
