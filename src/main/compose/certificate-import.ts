import { basename } from 'node:path';

import type { CertificateForm, ChosenCertificate, CredentialView } from '../../shared/model/credential-views';
import { RouterError } from '../../shared/model/errors';
import type { CertificateCandidate } from '../engine/index';
import type { ChooseFile, FileRequest } from '../file-dialog';

import type { CertificateFiles, RotationStart } from './token-machine';

type Ready = Extract<RotationStart, { kind: 'ready' }>;

/** A certificate that a person has chosen, on its way into use. */
interface Chosen {
  readonly view: CredentialView;
  readonly start: Ready;
  readonly from: CertificateFiles;
  readonly candidate: CertificateCandidate | null;
}

const ANY = { name: 'All files', extensions: ['*'] };
const CERTIFICATE: FileRequest = {
  title: 'Choose the certificate (PEM)',
  kinds: [{ name: 'Certificates', extensions: ['pem', 'crt', 'cer', 'cert'] }, ANY],
};
const KEY: FileRequest = {
  title: 'Choose its private key (PEM)',
  kinds: [{ name: 'Private keys', extensions: ['pem', 'key'] }, ANY],
};
const BUNDLE: FileRequest = {
  title: 'Choose the PKCS#12 bundle',
  kinds: [{ name: 'PKCS#12 bundles', extensions: ['p12', 'pfx'] }, ANY],
};

/** Chooses, looks at and hands out one new certificate at a time. Paths and keys never leave the main process. */
export class CertificateImport {
  private chosen: Chosen | null = null;

  constructor(private readonly chooseFile: ChooseFile) {}

  /** Asks for the files, and looks at what they hold. */
  async choose(view: CredentialView, start: Ready, form: CertificateForm): Promise<ChosenCertificate> {
    this.chosen = null;
    const from = form === 'pem' ? await this.pemFiles() : await this.bundle();
    if (from === null) return { kind: 'cancelled' };
    this.chosen = { view, start, from, candidate: null };
    return this.look(null);
  }

  /** Looks again, with a passphrase that a person has entered. */
  async open(passphrase: string): Promise<ChosenCertificate> {
    return this.chosen === null ? { kind: 'cancelled' } : this.look(passphrase);
  }

  /** What was chosen last and can be tried; afterwards it is forgotten. */
  take(): { readonly view: CredentialView; readonly start: Ready; readonly pair: string } | null {
    const { chosen } = this;
    this.chosen = null;
    if (chosen === null || chosen.candidate === null) return null;
    return { view: chosen.view, start: chosen.start, pair: chosen.candidate.pair.reveal() };
  }

  private async look(passphrase: string | null): Promise<ChosenCertificate> {
    const { chosen } = this;
    if (chosen === null) return { kind: 'cancelled' };
    const files = namesOf(chosen.from);
    const question = { isAsked: false };
    try {
      const candidate = await chosen.start.candidate(chosen.from, () => {
        question.isAsked = true;
        return Promise.resolve(passphrase);
      });
      this.chosen = { ...chosen, candidate };
      return { kind: 'ready', facts: candidate.facts, files };
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      if (question.isAsked && passphrase === null) return { kind: 'needs-passphrase', files };
      return { kind: 'refused', message: error.message };
    }
  }

  private async pemFiles(): Promise<CertificateFiles | null> {
    const certificate = await this.chooseFile(CERTIFICATE);
    if (certificate === null) return null;
    const key = await this.chooseFile(KEY);
    return key === null ? null : { certificate, key };
  }

  private async bundle(): Promise<CertificateFiles | null> {
    const bundle = await this.chooseFile(BUNDLE);
    return bundle === null ? null : { bundle };
  }
}

const namesOf = (from: CertificateFiles): readonly string[] =>
  ('bundle' in from ? [from.bundle] : [from.certificate, from.key]).map((path) => basename(path));
