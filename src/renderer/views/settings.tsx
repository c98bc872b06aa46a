import { Button, Skeleton, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import type { AppStatus, ConfigProblem } from '../../shared/ipc/contract';
import {
  settingSections,
  type EndpointSummary,
  type SettingSection,
  type SettingsFile,
} from '../../shared/ipc/settings-calls';
import { errorTable } from '../../shared/model/errors';
import { AppPreferences } from '../components/app-preferences';
import { Card } from '../components/card';
import { EmptyState } from '../components/empty-state';
import { NoticeCard } from '../components/notice-card';
import type { FieldParts } from '../components/setting-field';
import { SettingsBar } from '../components/settings-bar';
import { Outcome, SettingsReview } from '../components/settings-review';
import { SettingsSection } from '../components/settings-section';
import { IconCheck, IconSearch } from '../icons';
import type { Notice } from '../notices';
import { isFound, problemsAt, problemsElsewhere } from '../setting-drafts';
import { checkOf, pendingChanges, shownProblems, type SettingsNotice } from '../settings-state';
import { texts } from '../texts';
import { settingsTexts as words } from '../texts/settings';
import { useSettings, type SettingsPage, type SettingsStore } from '../use-settings';
import classes from './settings.module.css';
import viewClasses from './view.module.css';

type Readable = Extract<SettingsFile, { kind: 'readable' }>;

const plainNotice = (
  tone: Notice['tone'],
  title: string,
  text: string,
  details: readonly string[] = [],
): Notice => ({ id: title, tone, title, text, nextStep: '', details, page: null });

const lineOf = ({ line, path, message }: ConfigProblem): string => words.problem(line, path, message);

function SavedNotice({ notice }: { readonly notice: SettingsNotice | null }): ReactElement | null {
  if (notice === null) return null;
  if (notice.kind === 'saved') {
    return (
      <section className={classes['saved']} role="status">
        <p className={classes['savedTitle']}>
          <IconCheck size={18} stroke={2} aria-hidden />
          {words.saved}
        </p>
        <Outcome outcome={notice.outcome} isSaved />
      </section>
    );
  }
  const { title, text } =
    notice.kind === 'file-changed' && !notice.wasSaving ? words.fileChangedIdle : words.fileChanged;
  return (
    <div role="alert">
      <NoticeCard
        notice={
          notice.kind === 'refused'
            ? plainNotice('danger', words.notSaved, notice.message)
            : plainNotice('warning', title, text)
        }
      />
    </div>
  );
}

function FileCard({
  status,
  file,
  onOpen,
}: {
  readonly status: AppStatus;
  readonly file: SettingsFile;
  readonly onOpen: () => void;
}): ReactElement {
  const exists = file.kind === 'unreadable' || file.exists;
  const open = (
    <Button variant="default" size="xs" onClick={onOpen}>
      {words.openFile}
    </Button>
  );
  return (
    <Card title={words.file} aside={exists && file.path !== '' ? open : null}>
      <p className={viewClasses['path']}>{file.path}</p>
      {!exists && <p className={viewClasses['note']}>{words.newFile}</p>}
      {status.isDemo && <p className={viewClasses['note']}>{words.demo}</p>}
    </Card>
  );
}

function Endpoints({ endpoints }: { readonly endpoints: readonly EndpointSummary[] }): ReactElement {
  return (
    <Card title={words.several}>
      <ul className={classes['endpoints']}>
        {endpoints.map(({ address, priority, weight }, index) => (
          <li key={`${index} ${address}`}>
            <span className={viewClasses['path']}>{address}</span>
            <span className={classes['soft']}>{words.endpoint(priority, weight)}</span>
          </li>
        ))}
      </ul>
      <p className={viewClasses['note']}>{words.severalText}</p>
    </Card>
  );
}

/** Where metrics are right now, beside the settings that say where they should be. */
function MetricsAddress({ address }: { readonly address: string | null }): ReactElement {
  return <p className={classes['served']}>{address === null ? words.notServed : words.served(address)}</p>;
}

function Sections({
  file,
  status,
  page,
  search,
  onOpenCredentials,
}: {
  readonly file: Readable;
  readonly status: AppStatus;
  readonly page: SettingsPage;
  readonly search: string;
  readonly onOpenCredentials: () => void;
}): ReactElement {
  const [toggled, setToggled] = useState<ReadonlySet<SettingSection>>(new Set(['limits']));
  const problems = shownProblems(page.state);
  const parts: FieldParts = { drafts: page.state.drafts, onDraft: page.draft, onOpenCredentials };
  const toggle = (section: SettingSection): void => {
    const next = new Set(toggled);
    if (!next.delete(section)) next.add(section);
    setToggled(next);
  };
  const isSearching = search !== '';
  return (
    <div>
      {settingSections.map((section) => {
        const all = file.settings.filter((setting) => setting.section === section);
        const settings = isSearching ? all.filter((setting) => isFound(setting, search)) : all;
        if (settings.length === 0) return null;
        // What is wrong is in sight, whether or not somebody looked for it.
        const isWrong = settings.some((setting) =>
          problemsAt(setting, problems).some(({ severity }) => severity === 'error'),
        );
        return (
          <SettingsSection
            key={section}
            section={section}
            settings={settings}
            problems={problems}
            isOpen={isSearching || isWrong || toggled.has(section)}
            onToggle={() => toggle(section)}
            parts={parts}
          >
            {section === 'metrics' && <MetricsAddress address={status.router.metricsAddress} />}
          </SettingsSection>
        );
      })}
    </div>
  );
}

function Problems({ problems }: { readonly problems: readonly ConfigProblem[] }): ReactElement | null {
  if (problems.length === 0) return null;
  const isError = problems.some(({ severity }) => severity === 'error');
  const title = isError ? words.problemsTitle : words.warningsTitle;
  return <NoticeCard notice={plainNotice(isError ? 'danger' : 'warning', title, '', problems.map(lineOf))} />;
}

function Search({
  search,
  found,
  hasFocus,
  onSearch,
}: {
  readonly search: string;
  readonly found: string;
  /** Whoever was led here goes on here. */
  readonly hasFocus: boolean;
  readonly onSearch: (search: string) => void;
}): ReactElement {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (hasFocus) field.current?.focus();
  }, [hasFocus]);
  return (
    <div role="search">
      <TextInput
        ref={field}
        type="search"
        label={words.search}
        placeholder={words.searchPlaceholder}
        leftSection={<IconSearch size={16} stroke={1.8} aria-hidden />}
        value={search}
        maxLength={100}
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
      <p className={classes['found']} role="status">
        {found}
      </p>
    </div>
  );
}

function Editor({
  file,
  status,
  page,
  firstSearch,
  onOpenCredentials,
}: {
  readonly file: Readable;
  readonly status: AppStatus;
  readonly page: SettingsPage;
  readonly firstSearch: string;
  readonly onOpenCredentials: () => void;
}): ReactElement {
  const [search, setSearch] = useState(firstSearch);
  // Typing goes on while many fields are drawn.
  const wanted = useDeferredValue(search.trim());
  const count = file.settings.filter((setting) => isFound(setting, wanted)).length;
  const isSearching = wanted !== '';
  return (
    <>
      <Problems problems={problemsElsewhere(file.settings, shownProblems(page.state))} />
      {file.endpoints.length > 0 && <Endpoints endpoints={file.endpoints} />}
      <Search
        search={search}
        found={isSearching ? words.found(count) : ''}
        hasFocus={firstSearch !== ''}
        onSearch={setSearch}
      />
      {isSearching && count === 0 && (
        <EmptyState
          icon={<IconSearch size={26} stroke={1.6} />}
          title={words.nothingFound}
          text={words.nothingFoundText}
        />
      )}
      <Sections
        file={file}
        status={status}
        page={page}
        search={wanted}
        onOpenCredentials={onOpenCredentials}
      />
      <SettingsBar
        count={pendingChanges(page.state).length}
        check={checkOf(page.state)}
        onDiscard={page.discard}
        onReview={page.review}
      />
    </>
  );
}

function Unreadable({
  file,
}: {
  readonly file: Extract<SettingsFile, { kind: 'unreadable' }>;
}): ReactElement {
  const { title, text } = words.unreadable;
  return (
    <div role="alert">
      <NoticeCard notice={plainNotice('danger', title, text, file.problems.map(lineOf))} />
    </div>
  );
}

/** All settings of the configuration file: find, change, check while typing, review, save. */
export function Settings({
  status,
  store,
  firstSearch = '',
  onOpenCredentials,
}: {
  readonly status: AppStatus;
  readonly store: SettingsStore;
  /** What is searched for when the page opens. */
  readonly firstSearch?: string;
  readonly onOpenCredentials: () => void;
}): ReactElement {
  const page = useSettings(store);
  const { file, review, notice } = page.state;
  return (
    <>
      {review !== null && <SettingsReview review={review} onBack={page.back} onSave={page.save} />}
      {/* Stays while changes are reviewed, with what was looked for and opened. */}
      <div className={viewClasses['view']} hidden={review !== null}>
        <header className={viewClasses['head']}>
          <h1 className={viewClasses['title']}>{texts.pages.settings}</h1>
          <p className={viewClasses['intro']}>{words.intro}</p>
        </header>
        <AppPreferences store={store} />
        <SavedNotice notice={notice} />
        {file.kind === 'loading' && <Skeleton height={240} radius="lg" aria-label={texts.loading} />}
        {file.kind === 'failed' && (
          <div role="alert">
            <NoticeCard notice={plainNotice('danger', words.loadFailed, errorTable[file.code].text)} />
          </div>
        )}
        {file.kind === 'ready' && <FileCard status={status} file={file.value} onOpen={page.openFile} />}
        {file.kind === 'ready' && file.value.kind === 'unreadable' && <Unreadable file={file.value} />}
        {file.kind === 'ready' && file.value.kind === 'readable' && (
          <Editor
            file={file.value}
            status={status}
            page={page}
            firstSearch={firstSearch}
            onOpenCredentials={onOpenCredentials}
          />
        )}
      </div>
    </>
  );
}
