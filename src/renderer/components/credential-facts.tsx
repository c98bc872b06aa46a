import type { ReactElement } from 'react';
import type { CredentialView } from '../../shared/model/credential-views';
import { ageLines, validityLine, type ToneLine } from '../credential-words';
import { IconCertificate, IconClock, IconHourglass, IconKey, IconServer2 } from '../icons';
import { credentialsTexts as words } from '../texts/credentials';
import { Fact } from './connection-facts';
import factClasses from './connection-facts.module.css';
import classes from './credential.module.css';

function Lines({ lines }: { readonly lines: readonly ToneLine[] }): ReactElement {
  return (
    <>
      {lines.map(({ text, tone }) => (
        <span key={text} className={classes['line']} data-tone={tone}>
          {text}
        </span>
      ))}
    </>
  );
}

/** Where it is, what uses it, how old it is, and until when it is good. */
export function CredentialFacts({
  view,
  rotationDays,
  now,
}: {
  readonly view: CredentialView;
  readonly rotationDays: number;
  readonly now: number;
}): ReactElement {
  const { certificate, source } = view;
  const age = ageLines(view, rotationDays, now);
  const isOurs =
    source === 'keychain' || source === 'memory' || source === 'file' || source === 'certificate';
  return (
    <dl className={factClasses['facts']}>
      <Fact icon={IconKey} name={isOurs || source === null ? words.facts.place : words.facts.from}>
        <span className={factClasses['address']}>
          {source === null ? words.noPlace : words.place[source](view.name)}
        </span>
        {view.change.kind === 'enter' && (
          <span className={classes['line']} data-tone="warning">
            {words.nothingThere}
          </span>
        )}
        {view.problem !== null && (
          <span className={classes['line']} data-tone="danger">
            {view.problem}
          </span>
        )}
      </Fact>
      {certificate !== null && (
        <Fact icon={IconCertificate} name={words.facts.issuedTo}>
          <span className={factClasses['address']}>{certificate.subject}</span>
          <span className={factClasses['soft']}>{words.by(certificate.issuer)}</span>
        </Fact>
      )}
      {age !== null && (
        <Fact icon={IconHourglass} name={words.facts.age}>
          <Lines lines={age} />
        </Fact>
      )}
      {certificate !== null && (
        <Fact icon={IconClock} name={words.facts.validity}>
          <Lines lines={[validityLine(certificate.validTo, now)]} />
        </Fact>
      )}
      <Fact icon={IconServer2} name={words.facts.endpoints}>
        {view.endpoints.map((endpoint) => (
          <span key={endpoint} className={factClasses['address']}>
            {endpoint}
          </span>
        ))}
      </Fact>
    </dl>
  );
}
