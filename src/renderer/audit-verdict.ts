import type { AuditChainVerdict, AuditVerdict } from '../shared/ipc/audit-calls';
import type { Notice } from './notices';
import { auditTexts } from './texts/audit';

const words = auditTexts.verdict;

const notice = (fields: Partial<Notice> & Pick<Notice, 'id' | 'tone' | 'title'>): Notice => ({
  text: '',
  nextStep: '',
  details: [],
  page: null,
  ...fields,
});

/** What checking found, the worst first: each with its place and its next step. */
export function verdictNotices(verdict: Extract<AuditVerdict, { kind: 'checked' }>): readonly Notice[] {
  const { chains } = verdict;
  if (chains.length === 0)
    return [notice({ id: 'nothing', tone: 'info', title: words.nothing, text: words.nothingText })];
  const broken = chains.filter(({ problem }) => problem !== null).map(brokenNotice);
  const unsealed = chains
    .filter(({ problem, sealedTo }) => problem === null && sealedTo === null)
    .map(unsealedNotice);
  const intact = chains.filter(({ problem, sealedTo }) => problem === null && sealedTo !== null);
  return [...broken, ...unsealed, ...(intact.length === 0 ? [] : [intactNotice(intact)])];
}

function intactNotice(chains: readonly AuditChainVerdict[]): Notice {
  const total = chains.reduce((sum, { records }) => sum + records, 0);
  const newer = chains.reduce((sum, { to, sealedTo }) => sum + Math.max(0, to - (sealedTo ?? to)), 0);
  return notice({
    id: 'intact',
    tone: 'good',
    title: words.intact,
    text: words.intactText(total - newer) + (newer === 0 ? '' : ` ${words.newer(newer)}`),
    details: chains.flatMap(({ path, from, to, remarks }) => [words.chain(path, from, to), ...remarks]),
  });
}

function unsealedNotice({ path, records, whyUnsealed, remarks }: AuditChainVerdict): Notice {
  return notice({
    id: path,
    tone: 'warning',
    title: words.unsealed,
    text: `${words.whole(records)} ${words.unsealedText(whyUnsealed ?? '')}`,
    nextStep: words.nextUnsealed,
    details: [path, ...remarks],
  });
}

function brokenNotice(chain: AuditChainVerdict): Notice {
  const { path, records, problem, badLine, remarks } = chain;
  const { title, nextStep } = wrong(chain);
  const place = badLine === null ? path : words.place(badLine.file, badLine.line);
  return notice({
    id: path,
    tone: 'danger',
    title,
    text: badLine === null ? words.whole(records) : words.before(records),
    nextStep,
    details: [place, ...(problem === null ? [] : [problem.text]), ...remarks],
  });
}

function wrong({ problem, badLine, from, to }: AuditChainVerdict): Pick<Notice, 'title' | 'nextStep'> {
  const record = problem?.record?.toLocaleString() ?? '';
  const tampered = (title: string): Pick<Notice, 'title' | 'nextStep'> => ({
    title,
    nextStep: words.nextTampered,
  });
  switch (problem?.kind) {
    case 'missing':
      if (badLine !== null) return { title: words.missing(record), nextStep: words.nextCut };
      return {
        title: from > 1 && to >= from && problem.record === 1 ? words.missingFile : words.cut,
        nextStep: words.nextCut,
      };
    case 'gap':
      return { title: words.gap, nextStep: words.nextGap };
    case 'head-missing':
      return tampered(words.headMissing);
    case 'head-changed':
      return tampered(words.headChanged);
    case 'unreadable':
      return tampered(words.unreadable(record));
    case 'repeated':
    case 'not-chained':
      return tampered(words.moved(record));
    default:
      return tampered(words.changed(record));
  }
}
