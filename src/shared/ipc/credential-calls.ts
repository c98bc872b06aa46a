import type {
  CertificateForm,
  ChosenCertificate,
  CredentialOutcome,
  CredentialProgress,
  CredentialsReport,
  SignInOutcome,
} from '../model/credential-views';
import { command, event, query } from './call';

/** Names one credential of the report. */
export interface CredentialName {
  readonly id: string;
}

/** A value that a person has entered. It goes in this direction only. */
export interface EnteredCredential extends CredentialName {
  readonly value: string;
}

/** Credentials by name and age, never by value. */
export const credentialCalls = {
  'credentials.list': query<void, CredentialsReport>(),
  /** Tries it where it is to be used, and switches if it is accepted. */
  'credentials.rotate': command<EnteredCredential, CredentialOutcome>(),
  /** Stores it without asking anybody; only where nothing is stored. */
  'credentials.store': command<EnteredCredential, CredentialOutcome>(),
  'credentials.rollBack': command<CredentialName, CredentialOutcome>(),
  /** Deletes the one before now. */
  'credentials.endOverlap': command<CredentialName, CredentialOutcome>(),
  /** Main asks which files; the page names none. */
  'credentials.chooseCertificate': command<
    CredentialName & { readonly form: CertificateForm },
    ChosenCertificate
  >(),
  'credentials.openCertificate': command<{ readonly passphrase: string }, ChosenCertificate>(),
  /** Tries the certificate that was chosen last, and switches if it is accepted. */
  'credentials.useCertificate': command<void, CredentialOutcome>(),
  'credentials.signIn': command<void, SignInOutcome>(),
  'credentials.cancelSignIn': command<void, void>(),
  'credentials.signOut': command<void, SignInOutcome>(),
  'credentials.progress': event<CredentialProgress>(),
} as const;
