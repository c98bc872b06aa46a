import { IconCertificate, IconClock, IconKey, IconLock, IconServer2 } from '../icons';
import type { ReactElement, ReactNode } from 'react';
import type { RouterStatus, TlsFacts } from '../../shared/model/status';
import { texts } from '../texts';
import { calendarDay, calendarMoment, durationWords } from '../time-words';
import { Card } from './card';
import classes from './connection-facts.module.css';

const words = texts.facts;

/** One line of a list of facts. */
export function Fact({
  icon: Icon,
  name,
  children,
}: {
  readonly icon: typeof IconKey;
  readonly name: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={classes['fact']}>
      <dt className={classes['name']}>
        <Icon size={17} stroke={1.7} aria-hidden />
        {name}
      </dt>
      <dd className={classes['value']}>{children}</dd>
    </div>
  );
}

/** `TLSv1.3` as people write it. */
export const protocolWords = (protocol: string): string => protocol.replace(/^TLSv/, 'TLS ');

function Validity({ tls, now }: { readonly tls: TlsFacts; readonly now: number }): ReactElement {
  const end = Date.parse(tls.validTo);
  return end > now ? (
    <span className={classes['soft']}>{words.validUntil(calendarDay(end), durationWords(end - now))}</span>
  ) : (
    <span className={classes['alarm']}>{words.expired(calendarDay(end))}</span>
  );
}

/** Who a certificate is for, who issued it, and until when. */
export function Certificate({ tls, now }: { readonly tls: TlsFacts; readonly now: number }): ReactElement {
  return (
    <>
      <span>{tls.subject}</span>
      <span className={classes['soft']}>{words.issuedBy(tls.issuer)}</span>
      <Validity tls={tls} now={now} />
      {!tls.isVerified && <span className={classes['alarm']}>{words.unverified}</span>}
    </>
  );
}

/** Where requests go, what protects them, and with which credential. */
export function ConnectionFacts({
  router,
  now,
}: {
  readonly router: RouterStatus;
  readonly now: number;
}): ReactElement {
  const { keeper, credential } = router;
  const tls = keeper.name === 'connected' ? keeper.tls : null;
  const isUp = keeper.name === 'connected';
  return (
    <Card title={words.title}>
      <dl className={classes['facts']}>
        <Fact icon={IconServer2} name={words.gateway}>
          <span className={classes['address']}>{router.gatewayUrl ?? words.noGateway}</span>
        </Fact>
        {isUp && (
          <Fact icon={IconLock} name={words.encryption}>
            {tls === null ? (
              <span>{words.plain}</span>
            ) : (
              <>
                <span>{protocolWords(tls.protocol)}</span>
                <span className={classes['soft']}>{tls.cipher}</span>
              </>
            )}
          </Fact>
        )}
        {tls !== null && (
          <Fact icon={IconCertificate} name={words.certificate}>
            <Certificate tls={tls} now={now} />
          </Fact>
        )}
        <Fact icon={IconKey} name={words.credential}>
          <span className={classes['address']}>
            {credential === null
              ? words.noCredential
              : texts.credentialSource[credential.source](credential.name)}
          </span>
        </Fact>
        {isUp && (
          <Fact icon={IconClock} name={words.since}>
            <span>{calendarMoment(keeper.since)}</span>
          </Fact>
        )}
      </dl>
    </Card>
  );
}
