import type { ReactElement, ReactNode } from 'react';
import { errorTable } from '../../shared/model/errors';
import type { GatewayLook as Look } from '../../shared/model/gateway-look';
import type { FailureCause, TlsFacts } from '../../shared/model/status';
import { IconAlertCircle, IconCircleCheck, IconInfoCircle, IconLock } from '../icons';
import { firstRunTexts } from '../texts/first-run';
import { useNow } from '../use-now';
import { Certificate, protocolWords } from './connection-facts';
import classes from './first-run.module.css';

const words = firstRunTexts.look;
const TICK_MS = 60_000;

function Said({
  icon: Icon,
  children,
}: {
  readonly icon: typeof IconLock;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <p className={classes['said']}>
      <Icon size={18} stroke={1.8} aria-hidden />
      <span>{children}</span>
    </p>
  );
}

function Presented({ facts }: { readonly facts: TlsFacts }): ReactElement {
  const now = useNow(TICK_MS);
  return (
    <div className={classes['facts']}>
      <Certificate tls={facts} now={now} />
    </div>
  );
}

const reason = ({ code, detail }: FailureCause): string =>
  detail === '' ? errorTable[code].text : `${errorTable[code].text} (${detail})`;

function Encryption({ encryption }: { readonly encryption: Look['encryption'] }): ReactElement {
  switch (encryption.kind) {
    case 'plain':
      return <Said icon={IconInfoCircle}>{words.plain}</Said>;
    case 'trusted': {
      const { facts } = encryption;
      return (
        <>
          <Said icon={IconLock}>{words.trusted(protocolWords(facts.protocol), facts.cipher)}</Said>
          <Presented facts={facts} />
        </>
      );
    }
    case 'untrusted':
      return (
        <>
          <Said icon={IconAlertCircle}>{`${words.untrusted}: ${reason(encryption.cause)}`}</Said>
          <p className={classes['note']}>{words.untrustedText}</p>
          {encryption.facts !== null && (
            <>
              <p className={classes['note']}>{words.presented}</p>
              <Presented facts={encryption.facts} />
            </>
          )}
        </>
      );
    case 'unseen':
      return <Said icon={IconAlertCircle}>{`${words.unseen}: ${reason(encryption.cause)}`}</Said>;
  }
}

function Answer({ answer }: { readonly answer: Look['answer'] }): ReactElement | null {
  switch (answer.kind) {
    case 'open':
      return <Said icon={IconCircleCheck}>{words.open}</Said>;
    case 'wants-credential':
      return <Said icon={IconCircleCheck}>{words.wantsCredential}</Said>;
    case 'wants-certificate':
      return <Said icon={IconInfoCircle}>{words.wantsCertificate}</Said>;
    case 'failed':
      return <Said icon={IconAlertCircle}>{`${words.unreachable}: ${reason(answer.cause)}`}</Said>;
    case 'not-asked':
      return null;
  }
}

/** Whether a person may go on with this address. */
export const isUsable = ({ answer }: Look): boolean =>
  answer.kind === 'wants-credential' || answer.kind === 'open';

/** What an address shows of itself: encryption, certificate, and what it asks for. */
export function GatewayLook({ look }: { readonly look: Look }): ReactElement {
  const isUnseen = look.encryption.kind === 'unseen';
  return (
    <section
      className={classes['look']}
      data-tone={isUsable(look) ? 'good' : 'danger'}
      aria-label={words.label}
      aria-live="polite"
    >
      <Encryption encryption={look.encryption} />
      {!isUnseen && <Answer answer={look.answer} />}
    </section>
  );
}
